import { Alert, Button, Group, MultiSelect, NativeSelect, Stack, Text, Textarea } from "@mantine/core";
import { useForm } from "@mantine/form";
import { notifications } from "@mantine/notifications";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { api, body } from "../api/client";
import { fieldErrors, ProblemError, type FieldProblem } from "../api/problem";
import { invitationsQuery, policyQueries } from "../api/queries";
import type { Invitation } from "../api/types";
import { useSpeech } from "../i18n";
import { Modal } from "../parts/dialog";
import { MAIL_LANGUAGES, useAddressProblem } from "../parts/mail-to";
import { ProblemAlert } from "../parts/problem";
import { useGrantable } from "../parts/role-select";
import { useMay } from "../shell/session";
import { addressesOf } from "./addresses";
import { oneByOne, type Progress, type Refusal } from "./bulk";
import { Refusals, Running } from "./one-by-one";

/** What an invitation says, but for whom it is for. */
interface Terms {
  language: string;
  clientId: string;
  roles: string[];
}

function invite(email: string, { language, clientId, roles }: Terms) {
  const spec = { email, language, roles, ...(clientId !== "" && { clientId }) };
  return body(api.POST("/invitations", { body: { spec } }));
}

/** Why what was typed cannot be written to. */
function useAddressesProblem(): (typed: string) => string | null {
  const { t, format } = useSpeech();
  const problemOfOne = useAddressProblem();
  return (typed) => {
    const all = addressesOf(typed);
    if (all.length < 2) return problemOfOne(all[0] ?? "");
    const wrong = all.filter((address) => problemOfOne(address) !== null);
    return wrong.length === 0 ? null : t.invitations.noAddresses(format.list(wrong));
  };
}

/** Invites one after the other. Throws the last refusal, after it handed over whoever was not invited. */
function useInvite(onLeft: (left: string[], refusals: Refusal[]) => void) {
  const { t, format } = useSpeech();
  const client = useQueryClient();
  const stop = useRef(false);
  const [progress, setProgress] = useState<Progress>();
  const mutation = useMutation({
    mutationFn: async ({ all, terms }: { all: string[]; terms: Terms }) => {
      stop.current = false;
      const { done, refusals } = await oneByOne(all, (email) => invite(email, terms), setProgress, () => stop.current);
      const refused = refusals.map(({ name }) => name);
      const sent = all.slice(0, done).filter((address) => !refused.includes(address));
      if (sent.length > 0) {
        const message = sent.length === 1 ? t.invitations.sent(sent[0] ?? "") : t.invitations.sentMany(format.number(sent.length));
        notifications.show({ color: "teal", message });
        void client.invalidateQueries(invitationsQuery);
      }
      onLeft([...refused, ...all.slice(done)], refusals);
      const last = refusals.at(-1);
      if (last !== undefined) throw new ProblemError(last.problem);
    },
    onSettled: () => setProgress(undefined),
  });
  return { mutation, progress, stop: () => (stop.current = true) };
}

/** Why nobody, or not everybody, was invited. */
function Refused({ error, refusals, others }: { error: unknown; refusals: Refusal[]; others: FieldProblem[] }) {
  const { t, format } = useSpeech();
  if (refusals.length < 2) return <ProblemAlert error={error} others={others} />;
  return (
    <Alert color="yellow" role="alert" icon={<IconAlertTriangle aria-hidden />} title={t.invitations.refused(format.number(refusals.length))}>
      <Refusals refusals={refusals} />
    </Alert>
  );
}

function Form({ former, onDone }: { former?: Invitation; onDone: () => void }) {
  const { t, format, language } = useSpeech();
  const [refusals, setRefusals] = useState<Refusal[]>([]);
  const [others, setOthers] = useState<FieldProblem[]>([]);
  const form = useForm({
    initialValues: { email: former?.spec.email ?? "", language, clientId: "", roles: former?.spec.roles ?? [] },
    validate: { email: useAddressesProblem() },
  });
  const focus = () => form.getInputNode("email")?.focus();
  // Whoever may not see roles gives none.
  const roles = useGrantable();
  // Whoever may not see how the tenant shows itself invites in its own name.
  const branding = useQuery({ ...policyQueries.branding, enabled: useMay()("policies:get") });
  const applications = branding.data?.spec.applications ?? [];
  const { mutation, progress, stop } = useInvite((left, refused) => {
    if (left.length === 0) return onDone();
    setRefusals(refused);
    form.setFieldValue("email", left.join("\n"));
    const [only, ...more] = refused;
    if (only !== undefined && more.length === 0) {
      const said = fieldErrors(only.problem, ["email", "language", "roles"], { email_taken: "email" });
      form.setErrors(said.fields);
      setOthers(said.others);
    }
    focus();
  });
  const many = addressesOf(form.values.email).length;
  return (
    <form
      noValidate
      onSubmit={form.onSubmit(({ email, ...terms }) => mutation.mutate({ all: addressesOf(email), terms }), focus)}
    >
      <Stack>
        {mutation.isError && <Refused error={mutation.error} refusals={refusals} others={others} />}
        <Text size="sm">{t.invitations.inviteHint}</Text>
        <Textarea
          label={t.invitations.email}
          description={t.invitations.again}
          required
          autosize
          maxRows={10}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          inputMode="email"
          data-autofocus
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
        {mutation.isPending && many > 1 && progress !== undefined ? (
          <Running progress={progress} total={many} onStop={stop} />
        ) : (
          <Group justify="flex-end" mt="xs">
            <Button variant="default" onClick={onDone}>
              {t.common.cancel}
            </Button>
            <Button type="submit" loading={mutation.isPending}>
              {many > 1 ? t.invitations.sendMany(format.number(many)) : t.invitations.send}
            </Button>
          </Group>
        )}
      </Stack>
    </form>
  );
}

/** The form that mails people a link to make an account with; it begins as a former invitation. */
export function Invite({ opened, former, onClose }: { opened: boolean; former?: Invitation; onClose: () => void }) {
  const { t } = useSpeech();
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t.invitations.invite}
      closeOnClickOutside={false}
      closeButtonProps={{ "aria-label": t.common.close }}
    >
      <Form former={former} onDone={onClose} />
    </Modal>
  );
}
