import { Alert, Button, Divider, Group, Input, PasswordInput, PinInput, SimpleGrid, Stack, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useDisclosure } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { IconKey, IconMailCheck, IconSend } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, body } from "../api/client";
import { fieldErrors, problemOf, type FieldProblem } from "../api/problem";
import { sessionQuery, type Session } from "../api/first-queries";
import { useSpeech } from "../i18n";
import { Devices } from "../parts/devices";
import { Modal } from "../parts/dialog";
import { useFollowing } from "../parts/following";
import { Identities } from "../parts/identities";
import { Moment } from "../parts/moment";
import { OwnPassword } from "../parts/own-password";
import { Facts, Page, Panel } from "../parts/page";
import { EmailState } from "../parts/person";
import { Picture, pictureForm } from "../parts/picture";
import { ProblemAlert } from "../parts/problem";
import { ProfileFields, profileValues } from "../parts/profile-fields";
import { roleWords } from "../parts/role-words";
import { SaveProblem } from "../parts/save-problem";
import { UsedApplications } from "../parts/used-applications";
import { useMayOwn, useSession, useUserChanged } from "../shell/session";
import { Leaving } from "./leaving";
import { OwnData, OwnName } from "./own-data";

const DIGITS = 6;

function SendCode({ session, onSent, onHave }: { session: Session; onSent: (email: string) => void; onHave: () => void }) {
  const { t } = useSpeech();
  const client = useQueryClient();
  const { email, emailVerified, pendingEmail } = session.user.spec;
  const form = useForm({
    initialValues: { email: pendingEmail || email },
    validate: { email: (value) => (/^\S+@\S+$/.test(value.trim()) ? null : t.create.emailInvalid) },
  });
  const send = useMutation({
    mutationFn: (address: string) =>
      body(api.POST("/users/-/send-email-verification-code", { body: { email: address } })),
    onSuccess: (_, address) => {
      onSent(address);
      void client.invalidateQueries(sessionQuery);
      void client.invalidateQueries({ queryKey: ["messages"] });
    },
    onError: (error) => form.setErrors(
        fieldErrors(problemOf(error), ["email"], { email_taken: "email", email_not_changed: "email" }).fields,
      ),
  });
  const unchanged = emailVerified && form.values.email.trim() === email;
  return (
    <form noValidate onSubmit={form.onSubmit(({ email: address }) => send.mutate(address.trim()))}>
      <Stack gap="sm">
        {send.isError && <ProblemAlert error={send.error} />}
        <TextInput label={t.account.address} type="email" autoComplete="email" {...form.getInputProps("email")} />
        <Group gap="xs">
          <Button
            type="submit"
            variant="light"
            leftSection={<IconSend size={16} aria-hidden />}
            loading={send.isPending}
            disabled={unchanged}
          >
            {send.isSuccess ? t.account.sendAgain : t.account.sendCode}
          </Button>
          {!unchanged && !send.isSuccess && (
            <Button variant="subtle" onClick={onHave}>
              {t.account.haveCode}
            </Button>
          )}
        </Group>
      </Stack>
    </form>
  );
}

function EnterCode({ sentTo, onVerified }: { sentTo?: string; onVerified: () => void }) {
  const { t } = useSpeech();
  const client = useQueryClient();
  const [others, setOthers] = useState<FieldProblem[]>([]);
  const form = useForm({
    initialValues: { code: "", password: "" },
    validate: {
      code: (value) => (value.length === DIGITS ? null : t.account.codeMissing),
      password: (value) => (value === "" ? t.signIn.passwordMissing : null),
    },
  });
  const verify = useMutation({
    mutationFn: (answer: { code: string; password: string }) =>
      body(api.POST("/users/-/verify-email", { body: answer })),
    onSuccess: async () => {
      await client.invalidateQueries(sessionQuery);
      void client.invalidateQueries({ queryKey: ["users"] });
      notifications.show({ color: "teal", message: t.account.verified });
      onVerified();
    },
    onError: (error) => {
      const said = fieldErrors(problemOf(error), ["code", "password"], {
        code_invalid: "code",
        password_wrong: "password",
      });
      form.setErrors(said.fields);
      setOthers(said.others);
    },
  });
  return (
    <form noValidate onSubmit={form.onSubmit((values) => verify.mutate(values))}>
      <Stack gap="md">
        {sentTo !== undefined && (
          <Alert color="petrol" role="status" icon={<IconMailCheck aria-hidden />}>
            {t.account.sent(sentTo)}
          </Alert>
        )}
        {verify.isError && <ProblemAlert error={verify.error} others={others} />}
        <Input.Wrapper label={t.account.code} labelElement="div" error={form.errors.code}>
          <PinInput
            mt={4}
            length={DIGITS}
            type="number"
            inputMode="numeric"
            oneTimeCode
            placeholder=""
            aria-label={t.account.code}
            getInputProps={(index) => ({ "aria-label": t.account.digit(index + 1) })}
            value={form.values.code}
            onChange={(code) => form.setFieldValue("code", code)}
            error={form.errors.code !== undefined}
          />
        </Input.Wrapper>
        <PasswordInput
          label={t.account.password}
          description={t.account.passwordHint}
          autoComplete="current-password"
          visibilityToggleButtonProps={{ "aria-label": t.signIn.show }}
          {...form.getInputProps("password")}
        />
        <div>
          <Button type="submit" loading={verify.isPending}>
            {t.account.verify}
          </Button>
        </div>
      </Stack>
    </form>
  );
}

function Email({ session }: { session: Session }) {
  const { t } = useSpeech();
  const { email, emailVerified, pendingEmail } = session.user.spec;
  const [sentTo, setSentTo] = useState<string>();
  const [entering, setEntering] = useState(false);
  return (
    <Panel
      title={t.account.email}
      hint={emailVerified ? t.account.verifiedHint : t.account.unverifiedHint}
      aside={<EmailState verified={emailVerified} />}
    >
      <Stack gap="md">
        {pendingEmail && pendingEmail !== email && <Text size="sm">{t.account.pending(pendingEmail)}</Text>}
        <SendCode
          // A verified address starts the form afresh.
          key={`${email} ${emailVerified}`}
          session={session}
          onSent={(address) => {
            setSentTo(address);
            setEntering(true);
          }}
          onHave={() => setEntering(true)}
        />
        {entering && (
          <>
            <Divider />
            <EnterCode
              sentTo={sentTo}
              onVerified={() => {
                setEntering(false);
                setSentTo(undefined);
              }}
            />
          </>
        )}
      </Stack>
    </Panel>
  );
}

function Profile({ session }: { session: Session }) {
  const { t } = useSpeech();
  const mayOwn = useMayOwn();
  const changed = useUserChanged();
  const { user } = session;
  const { name, version } = user.metadata;
  const [others, setOthers] = useState<FieldProblem[]>([]);
  const form = useForm({
    initialValues: profileValues(user),
    validate: { displayName: (value) => (value.trim() === "" ? t.user.displayNameMissing : null) },
  });
  const base = useFollowing(form, version, profileValues(user));
  const save = useMutation({
    mutationFn: ({ displayName, phone, bio }: typeof form.values) =>
      body(
        api.PUT("/users/-", {
          params: { header: { "If-Match": `"${base}"` } },
          body: {
            metadata: { name },
            spec: { displayName: displayName.trim(), phone: phone.trim() || undefined, bio: bio.trim() || undefined },
          },
        }),
      ),
    onSuccess: async () => {
      form.resetDirty();
      notifications.show({ color: "teal", message: t.common.saved });
      await changed();
    },
    onError: (error) => {
      const said = fieldErrors(problemOf(error), ["displayName", "phone", "bio"]);
      form.setErrors(said.fields);
      setOthers(said.others);
    },
  });
  const editable = mayOwn("users:update");
  return (
    <Panel title={t.user.profile}>
      <Stack>
        <Picture
          user={user}
          mayUpload={mayOwn("users/avatar:update")}
          mayRemove={mayOwn("users/avatar:delete")}
          upload={(file) =>
            body(api.POST("/users/-/avatar", { body: { file: file.name }, bodySerializer: () => pictureForm(file) }))
          }
          remove={() => body(api.DELETE("/users/-/avatar"))}
          onDone={changed}
        />
        <form noValidate onSubmit={form.onSubmit((values) => save.mutate(values))}>
          <Stack>
            {save.isError && (
              <SaveProblem
                error={save.error}
                others={others}
                onReload={() => {
                  form.reset();
                  save.reset();
                  void changed();
                }}
              />
            )}
            <ProfileFields form={form} disabled={!editable} />
            {editable && (
              <Group gap="xs">
                <Button type="submit" loading={save.isPending} disabled={!form.isDirty()}>
                  {t.common.save}
                </Button>
                {form.isDirty() && (
                  <Button
                    variant="subtle"
                    onClick={() => {
                      form.reset();
                      save.reset();
                    }}
                  >
                    {t.common.discard}
                  </Button>
                )}
              </Group>
            )}
          </Stack>
        </form>
        <Divider />
        <Facts
          facts={[
            [t.user.name, name],
            [t.user.created, <Moment key="created" at={user.metadata.creationTimestamp} />],
          ]}
        />
      </Stack>
    </Panel>
  );
}

function Password() {
  const { t } = useSpeech();
  const client = useQueryClient();
  const [opened, { open, close }] = useDisclosure(false);
  return (
    <Panel title={t.password.title} hint={t.password.othersEnd}>
      <Button variant="default" leftSection={<IconKey size={16} aria-hidden />} onClick={open}>
        {t.password.change}
      </Button>
      <Modal opened={opened} onClose={close} title={t.password.change} closeButtonProps={{ "aria-label": t.common.close }}>
        <OwnPassword
          onCancel={close}
          onChanged={async () => {
            close();
            notifications.show({ color: "teal", message: t.password.changed });
            await Promise.all([
              client.invalidateQueries(sessionQuery),
              client.invalidateQueries({ queryKey: ["users", "sessions"] }),
            ]);
          }}
        />
      </Modal>
    </Panel>
  );
}

/** The person's own page: who they are, and what they can do about it. */
export function Account() {
  const { t } = useSpeech();
  const session = useSession();
  const mayOwn = useMayOwn();
  return (
    <Page title={t.account.title} hint={t.account.hint}>
      <SimpleGrid cols={{ base: 1, md: 2 }} style={{ alignItems: "start" }}>
        <Stack>
          <Profile session={session} />
          <Panel title={t.account.roles}>
            {session.roles.length === 0 ? (
              <Text size="sm" c="dimmed">
                {t.account.noRoles}
              </Text>
            ) : (
              <Facts
                facts={session.roles.map((role) => [
                  roleWords(t, role).name,
                  roleWords(t, role).description || role.metadata.name,
                ])}
              />
            )}
          </Panel>
        </Stack>
        <Stack>
          <Email session={session} />
          {mayOwn("users/password:update") && session.user.spec.passwordSet && <Password />}
          {mayOwn("users/identities:list") && <Identities mayRemove={mayOwn("users/identities:delete")} />}
          {mayOwn("users/sessions:list") && <Devices mayEnd={mayOwn("users/sessions:delete")} />}
          {mayOwn("users/applications:list") && <UsedApplications mayEnd={mayOwn("users/applications:delete")} />}
          <OwnName />
          <OwnData />
          <Leaving />
        </Stack>
      </SimpleGrid>
    </Page>
  );
}
