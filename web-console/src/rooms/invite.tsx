import { Button, Group, MultiSelect, NativeSelect, Stack, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, body } from "../api/client";
import { fieldErrors, problemOf, type FieldProblem } from "../api/problem";
import { invitationsQuery, policyQueries } from "../api/queries";
import { useSpeech } from "../i18n";
import { Modal } from "../parts/dialog";
import { MAIL_LANGUAGES, useAddressProblem } from "../parts/mail-to";
import { ProblemAlert } from "../parts/problem";
import { useGrantable } from "../parts/role-select";
import { useMay } from "../shell/session";

function Form({ onDone }: { onDone: () => void }) {
  const { t, language } = useSpeech();
  const client = useQueryClient();
  const [others, setOthers] = useState<FieldProblem[]>([]);
  const form = useForm({
    initialValues: { email: "", language, clientId: "", roles: [] as string[] },
    validate: {
      email: useAddressProblem(),
    },
  });
  // Whoever may not see roles gives none.
  const roles = useGrantable();
  // Whoever may not see how the tenant shows itself invites in its own name.
  const branding = useQuery({ ...policyQueries.branding, enabled: useMay()("policies:get") });
  const applications = branding.data?.spec.applications ?? [];
  const invite = useMutation({
    mutationFn: (values: typeof form.values) =>
      body(
        api.POST("/invitations", {
          body: {
            spec: {
              email: values.email.trim(),
              language: values.language,
              roles: values.roles,
              ...(values.clientId !== "" && { clientId: values.clientId }),
            },
          },
        }),
      ),
    onSuccess: ({ spec }) => {
      notifications.show({ color: "teal", message: t.invitations.sent(spec.email) });
      void client.invalidateQueries(invitationsQuery);
      onDone();
    },
    onError: (error) => {
      const said = fieldErrors(problemOf(error), ["email", "language", "roles"], { email_taken: "email" });
      form.setErrors(said.fields);
      setOthers(said.others);
      form.getInputNode("email")?.focus();
    },
  });
  return (
    <form noValidate onSubmit={form.onSubmit((values) => invite.mutate(values), () => form.getInputNode("email")?.focus())}>
      <Stack>
        {invite.isError && <ProblemAlert error={invite.error} others={others} />}
        <Text size="sm">{t.invitations.inviteHint}</Text>
        <TextInput
          label={t.invitations.email}
          description={t.invitations.again}
          type="email"
          required
          autoComplete="off"
          data-autofocus
          maxLength={254}
          {...form.getInputProps("email")}
          data-path="email"
        />
        <NativeSelect
          label={t.invitations.language}
          data={MAIL_LANGUAGES}
          {...form.getInputProps("language")}
        />
        {roles.length > 0 && (
          <MultiSelect
            label={t.create.roles}
            description={t.create.rolesHint}
            searchable
            data={roles}
            placeholder={form.values.roles.length === 0 ? t.create.noMoreRoles : undefined}
            {...form.getInputProps("roles")}
          />
        )}
        {applications.length > 0 && (
          <NativeSelect
            label={t.invitations.application}
            data={[
              { value: "", label: t.invitations.noApplication },
              ...applications.map(({ clientId, displayName }) => ({ value: clientId, label: displayName })),
            ]}
            {...form.getInputProps("clientId")}
          />
        )}
        <Group justify="flex-end" mt="xs">
          <Button variant="default" onClick={onDone}>
            {t.common.cancel}
          </Button>
          <Button type="submit" loading={invite.isPending}>
            {t.invitations.send}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** The form that mails somebody a link to make an account with. */
export function Invite({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useSpeech();
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t.invitations.invite}
      closeOnClickOutside={false}
      closeButtonProps={{ "aria-label": t.common.close }}
    >
      <Form onDone={onClose} />
    </Modal>
  );
}
