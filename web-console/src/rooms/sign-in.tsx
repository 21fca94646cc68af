import { Alert, Anchor, Box, Button, Group, Paper, PasswordInput, Stack, Text, TextInput, Title } from "@mantine/core";
import { useForm } from "@mantine/form";
import { IconClock, IconHourglass, IconUserScan } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useRouter, useSearch } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { api, body } from "../api/client";
import { problemOf } from "../api/problem";
import { consolePath, tenantPath } from "../base";
import { useSpeech } from "../i18n";
import { ProblemAlert } from "../parts/problem";
import { Mark } from "../shell/mark";
import { Preferences } from "../shell/preferences";
import { useTenantName } from "../shell/tenant";
import classes from "./sign-in.module.css";

/** The address of one of the tenant's own pages, which are not the console's. */
const hosted = (path: string) => `${tenantPath(document.baseURI)}/login${path}`;

/** Seconds that are left of a wait, counted down; the clock of the server does not matter. */
function useWait(): [left: number, wait: (seconds: number) => void] {
  const [until, setUntil] = useState(0);
  const [left, setLeft] = useState(0);
  useEffect(() => {
    const tick = () => setLeft(Math.max(0, Math.ceil((until - Date.now()) / 1000)));
    tick();
    if (until <= Date.now()) return;
    const timer = window.setInterval(() => {
      tick();
      if (until <= Date.now()) window.clearInterval(timer);
    }, 1000);
    return () => window.clearInterval(timer);
  }, [until]);
  return [left, (seconds) => setUntil(Date.now() + seconds * 1000)];
}

/** Why somebody is not in yet. */
function Refused({ error, left, next }: { error: unknown; left: number; next?: string }) {
  const { t, format } = useSpeech();
  const { code } = problemOf(error);
  if (code === "too_many_attempts") {
    return (
      <Alert role="alert" color="yellow" icon={<IconHourglass aria-hidden />} title={t.signIn.slowDown} data-problem={code}>
        <Text size="sm">{t.signIn.slowDownHint}</Text>
        {left > 0 && (
          // Each second of it is not worth saying aloud.
          <Text size="sm" fw={560} mt={4} role="timer" aria-live="off">
            {t.signIn.wait(format.duration(left))}
          </Text>
        )}
      </Alert>
    );
  }
  if (code === "captcha_required" || code === "captcha_failed") {
    const back = encodeURIComponent(consolePath(document.baseURI) + (next ?? "/"));
    return (
      <Alert role="alert" color="petrol" icon={<IconUserScan aria-hidden />} title={t.signIn.person} data-problem={code}>
        <Text size="sm">{t.signIn.personHint}</Text>
        <Anchor href={hosted(`?return_to=${back}`)} size="sm" fw={560} mt={4} display="inline-block">
          {t.signIn.toPerson}
        </Anchor>
      </Alert>
    );
  }
  return <ProblemAlert error={error} />;
}

/** The way in: a name or an e-mail address, and a password. */
export function SignIn() {
  const { t } = useSpeech();
  const tenant = useTenantName();
  const { next, expired } = useSearch({ from: "/sign-in" });
  const client = useQueryClient();
  const navigate = useNavigate();
  const router = useRouter();
  const password = useRef<HTMLInputElement>(null);
  const [left, wait] = useWait();
  const form = useForm({
    mode: "uncontrolled",
    initialValues: { username: "", password: "" },
    validate: {
      username: (value) => (value.trim() === "" ? t.signIn.usernameMissing : null),
      password: (value) => (value === "" ? t.signIn.passwordMissing : null),
    },
  });
  const signIn = useMutation({
    mutationFn: (credentials: { username: string; password: string }) => body(api.POST("/sessions", { body: credentials })),
    onSuccess: async () => {
      // Nothing read as somebody else may outlive the change of person.
      client.removeQueries({ predicate: (query) => query.queryKey[0] !== "tenant" });
      if (next === undefined) await navigate({ to: "/", replace: true });
      else router.history.replace(router.options.basepath + next);
    },
    onError: (error) => {
      const { status, retryAfter } = problemOf(error);
      if (status === 429 && retryAfter !== undefined) wait(retryAfter);
      password.current?.focus();
      password.current?.select();
    },
  });
  useEffect(() => {
    document.title = tenant === "" ? t.signIn.title : `${t.signIn.title} · ${tenant}`;
  }, [t, tenant]);

  return (
    <Box component="main" className={classes.page}>
      <Box className={classes.column}>
        <Stack gap="sm" align="center" mb="xl">
          <Mark size={44} />
          <Box ta="center">
            <Title order={1} size="h2">
              {t.signIn.title}
            </Title>
            <Text c="dimmed" mih={25}>
              {tenant !== "" && t.signIn.to(tenant)}
            </Text>
          </Box>
        </Stack>
        <Paper className={classes.card}>
          <form
            noValidate
            onSubmit={form.onSubmit(
              ({ username, password: secret }) => {
                // Enter submits a form whose button is disabled, in some browsers.
                if (left === 0) signIn.mutate({ username: username.trim(), password: secret });
              },
              (errors) => form.getInputNode(errors.username ? "username" : "password")?.focus(),
            )}
          >
            <Stack>
              {expired !== undefined && !signIn.isError && (
                <Alert role="status" color="petrol" icon={<IconClock aria-hidden />}>
                  {t.signIn.expired}
                </Alert>
              )}
              {signIn.isError && <Refused error={signIn.error} left={left} next={next} />}
              <TextInput
                label={t.signIn.username}
                name="username"
                autoComplete="username"
                autoCapitalize="none"
                autoCorrect="off"
                spellCheck={false}
                size="md"
                data-autofocus
                // The page is nothing but this form; whoever comes here comes to type.
                // oxlint-disable-next-line jsx-a11y/no-autofocus
                autoFocus
                key={form.key("username")}
                {...form.getInputProps("username")}
              />
              <PasswordInput
                label={t.signIn.password}
                name="password"
                autoComplete="current-password"
                size="md"
                visibilityToggleButtonProps={{ "aria-label": t.signIn.show }}
                key={form.key("password")}
                {...form.getInputProps("password")}
                ref={password}
              />
              <Button type="submit" size="md" fullWidth loading={signIn.isPending} disabled={left > 0} mt="xs">
                {t.signIn.submit}
              </Button>
              <Group justify="space-between" gap="xs">
                <Anchor href={hosted("/forgot")} size="sm">
                  {t.signIn.forgotten}
                </Anchor>
                <Anchor href={hosted("/sign-up")} size="sm">
                  {t.signIn.signUp}
                </Anchor>
              </Group>
            </Stack>
          </form>
        </Paper>
        <Box className={classes.preferences}>
          <Preferences />
        </Box>
      </Box>
    </Box>
  );
}
