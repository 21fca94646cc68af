import { Alert, Button, Code, Group, NativeSelect, Stack, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useDisclosure } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { IconMailOff, IconUserPlus } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { body, system } from "../../api/client";
import { fieldErrors, problemOf, type FieldProblem } from "../../api/problem";
import { tenantQuery } from "../../api/first-queries";
import { useSpeech } from "../../i18n";
import { Modal } from "../../parts/dialog";
import { MAIL_LANGUAGES, useAddressProblem } from "../../parts/mail-to";
import { Panel } from "../../parts/page";
import { ProblemAlert } from "../../parts/problem";

/** Without a relay, what is mailed to the owner of a tenant stays in a mailbox that nobody can open yet. */
export function Unmailed({ name }: { name: string }) {
  const { t } = useSpeech();
  const { data: tenant } = useQuery(tenantQuery);
  if (tenant?.mailbox !== true) return null;
  return (
    <Alert color="yellow" icon={<IconMailOff aria-hidden />} title={t.tenants.unmailed}>
      <Stack gap="xs">
        <Text size="sm">{t.tenants.unmailedHint}</Text>
        <Code block style={{ overflowWrap: "anywhere", whiteSpace: "pre-wrap" }}>
          {`tenantry tenant add-owner ${name === "" ? "NAME" : name} --owner USER --owner-email ADDRESS`}
        </Code>
      </Stack>
    </Alert>
  );
}

function Form({ name, onDone }: { name: string; onDone: () => void }) {
  const { t, language } = useSpeech();
  const words = t.tenants;
  const client = useQueryClient();
  const [others, setOthers] = useState<FieldProblem[]>([]);
  const form = useForm({ initialValues: { email: "", language }, validate: { email: useAddressProblem() } });
  const invite = useMutation({
    mutationFn: (values: typeof form.values) =>
      body(
        system.POST("/tenants/{name}/invite-owner", {
          params: { path: { name } },
          body: { email: values.email.trim(), language: values.language },
        }),
      ),
    onSuccess: (_, { email }) => {
      notifications.show({ color: "teal", message: t.invitations.sent(email.trim()) });
      void client.invalidateQueries({ queryKey: ["audit"] });
      onDone();
    },
    onError: (error) => {
      const said = fieldErrors(problemOf(error), ["email", "language"], { email_taken: "email" });
      form.setErrors(said.fields);
      setOthers(said.others);
    },
  });
  return (
    <form noValidate onSubmit={form.onSubmit((values) => invite.mutate(values), () => form.getInputNode("email")?.focus())}>
      <Stack>
        {invite.isError && <ProblemAlert error={invite.error} others={others} />}
        <Unmailed name={name} />
        <Text size="sm">{words.inviteHint}</Text>
        <TextInput
          label={words.ownerEmail}
          description={t.invitations.again}
          type="email"
          required
          autoComplete="off"
          data-autofocus
          maxLength={254}
          {...form.getInputProps("email")}
          data-path="email"
        />
        <NativeSelect label={t.invitations.language} data={MAIL_LANGUAGES} {...form.getInputProps("language")} />
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

/** The first owner of a tenant: invited until there is one. */
export function Owner({ name }: { name: string }) {
  const { t } = useSpeech();
  const words = t.tenants;
  const [opened, { open, close }] = useDisclosure(false);
  return (
    <Panel title={words.owner} hint={words.ownerHint}>
      <Button variant="default" leftSection={<IconUserPlus size={16} aria-hidden />} onClick={open}>
        {words.invite}
      </Button>
      <Modal
        opened={opened}
        onClose={close}
        title={words.invite}
        closeOnClickOutside={false}
        closeButtonProps={{ "aria-label": t.common.close }}
      >
        <Form name={name} onDone={close} />
      </Modal>
    </Panel>
  );
}
