import { Button, Group, SimpleGrid, Stack, Switch, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { notifications } from "@mantine/notifications";
import { IconBan, IconTrash, IconUserCheck } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api, body } from "../../api/client";
import { fieldErrors, problemOf } from "../../api/problem";
import type { DetailedUser, User } from "../../api/types";
import { useSpeech } from "../../i18n";
import { ConfirmedAct } from "../../parts/confirm";
import { lines } from "../../parts/lines";
import { NewPassword } from "../../parts/new-password";
import { Panel } from "../../parts/page";
import { passwordProblems } from "../../parts/password-problems";
import { EmailState } from "../../parts/person";
import { ProblemAlert } from "../../parts/problem";
import { ShownOnce } from "../../parts/shown-once";
import { useMay, useUserChanged } from "../../shell/session";
import { generatePassword } from "../generate-password";
import { CanSignIn } from "./can-sign-in";

function Email({ user }: { user: User }) {
  const { t } = useSpeech();
  const may = useMay();
  const changed = useUserChanged();
  const { email, emailVerified, pendingEmail } = user.spec;
  const form = useForm({
    initialValues: { email, verified: emailVerified },
    validate: { email: (value) => (/^\S+@\S+$/.test(value.trim()) ? null : t.create.emailInvalid) },
  });
  const save = useMutation({
    mutationFn: (values: typeof form.values) =>
      body(
        api.PUT("/users/{name}/email", {
          params: { path: { name: user.metadata.name } },
          body: { email: values.email.trim(), verified: values.verified },
        }),
      ),
    onSuccess: async () => {
      notifications.show({ color: "teal", message: t.common.saved });
      await changed();
    },
    onError: (error) => form.setErrors(fieldErrors(problemOf(error), ["email"], { email_taken: "email" }).fields),
  });
  return (
    <Panel title={t.user.email} aside={<EmailState verified={emailVerified} />}>
      <Stack>
        <Text size="sm" style={{ overflowWrap: "anywhere" }}>
          {email}
        </Text>
        {pendingEmail && (
          <Text size="xs" c="dimmed">
            {t.user.pendingEmail(pendingEmail)}
          </Text>
        )}
        {may("users/email:override") && (
          <form noValidate onSubmit={form.onSubmit((values) => save.mutate(values))}>
            <Stack gap="sm">
              {save.isError && <ProblemAlert error={save.error} />}
              <TextInput label={t.user.newEmail} type="email" autoComplete="off" {...form.getInputProps("email")} />
              <Switch
                label={t.user.takeAsVerified}
                description={t.user.takeAsVerifiedHint}
                {...form.getInputProps("verified", { type: "checkbox" })}
              />
              <div>
                <Button type="submit" variant="light" loading={save.isPending} disabled={!form.isDirty()}>
                  {t.user.setEmail}
                </Button>
              </div>
            </Stack>
          </form>
        )}
      </Stack>
    </Panel>
  );
}

function Password({ user }: { user: User }) {
  const { t } = useSpeech();
  const changed = useUserChanged();
  const [generated, setGenerated] = useState(true);
  const form = useForm({
    initialValues: { password: "", mustChange: true },
    validate: { password: (value) => (!generated && value === "" ? t.create.passwordMissing : null) },
  });
  const save = useMutation({
    mutationFn: async ({ password, mustChange }: typeof form.values) => {
      const chosen = generated ? generatePassword() : password;
      await body(
        api.PUT("/users/{name}/password", {
          params: { path: { name: user.metadata.name } },
          body: { password: chosen, mustChange },
        }),
      );
      return generated ? chosen : undefined;
    },
    onSuccess: async () => {
      form.reset();
      notifications.show({ color: "teal", message: t.user.passwordSet });
      await changed();
    },
    onError: (error) => {
      const failures = passwordProblems(problemOf(error), t);
      if (failures.length > 0) form.setErrors({ password: lines(failures) });
    },
  });
  return (
    <Panel title={t.user.password} hint={t.user.passwordHint}>
      <form noValidate onSubmit={form.onSubmit((values) => save.mutate(values))}>
        <Stack>
          {save.isError && <ProblemAlert error={save.error} />}
          {save.data !== undefined && <ShownOnce title={t.user.passwordSet} hint={t.create.shownOnce} label={t.create.generated} value={save.data} />}
          {!user.spec.passwordSet && (
            <Text size="sm" c="dimmed">
              {t.user.noPassword}
            </Text>
          )}
          {user.spec.mustChangePassword && (
            <Text size="sm" c="dimmed">
              {t.user.mustChangeNow}
            </Text>
          )}
          <NewPassword
            generated={generated}
            onGenerated={setGenerated}
            hint={t.user.generateHint}
            {...form.getInputProps("password")}
          />
          <Switch
            label={t.create.mustChange}
            description={t.create.mustChangeHint}
            {...form.getInputProps("mustChange", { type: "checkbox" })}
          />
          <div>
            <Button type="submit" variant="light" loading={save.isPending}>
              {t.user.setPassword}
            </Button>
          </div>
        </Stack>
      </form>
    </Panel>
  );
}

function Danger({ user }: { user: User }) {
  const { t } = useSpeech();
  const may = useMay();
  const changed = useUserChanged();
  const navigate = useNavigate();
  const { name } = user.metadata;
  const params = { path: { name } };
  const { disabled } = user.spec;
  const mayTurn = may(disabled ? "users:enable" : "users:disable");
  if (!mayTurn && !may("users:delete")) return null;
  return (
    <Panel title={t.user.account} hint={t.user.accountHint}>
      <Group>
        {mayTurn && disabled && (
          <ConfirmedAct
            label={t.user.enable}
            title={t.user.enable}
            what={t.user.enableWhat(name)}
            colour="petrol"
            act={() => body(api.POST("/users/{name}/enable", { params }))}
            done={t.user.enabled(name)}
            onDone={changed}
            leftSection={<IconUserCheck size={16} aria-hidden />}
          />
        )}
        {mayTurn && !disabled && (
          <ConfirmedAct
            label={t.user.disable}
            title={t.user.disable}
            what={t.user.disableWhat(name)}
            act={() => body(api.POST("/users/{name}/disable", { params }))}
            done={t.user.nowDisabled(name)}
            onDone={changed}
            leftSection={<IconBan size={16} aria-hidden />}
          />
        )}
        {may("users:delete") && (
          <ConfirmedAct
            label={t.user.delete}
            title={t.user.delete}
            what={t.user.deleteWhat(name)}
            expected={name}
            act={() => body(api.DELETE("/users/{name}", { params }))}
            done={t.user.deleted(name)}
            onDone={async () => {
              await navigate({ to: "/users" });
              await changed();
            }}
            leftSection={<IconTrash size={16} aria-hidden />}
          />
        )}
      </Group>
    </Panel>
  );
}

/** How somebody signs in, and whether they may. */
export function SignInTab({ detail }: { detail: DetailedUser }) {
  const may = useMay();
  const { user } = detail;
  const { email, emailVerified } = user.spec;
  return (
    <Stack>
      {may("users/sign-in:get") && <CanSignIn user={user} />}
      <SimpleGrid cols={{ base: 1, md: 2 }} style={{ alignItems: "start" }}>
        <Email user={user} key={`${email} ${emailVerified}`} />
        <Stack>
          {may("users/password:update") && <Password user={user} />}
          <Danger user={user} />
        </Stack>
      </SimpleGrid>
    </Stack>
  );
}
