import { Alert, Box, Button, Paper, PasswordInput, Stack, Text, TextInput, Title } from "@mantine/core";
import { useForm } from "@mantine/form";
import { IconClock } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useRouter, useSearch } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { api, body } from "../api/client";
import { useSpeech } from "../i18n";
import { ProblemAlert } from "../parts/problem";
import { Mark } from "../shell/mark";
import { Preferences } from "../shell/preferences";
import { useTenantName } from "../shell/tenant";
import classes from "./sign-in.module.css";

/** The way in: a name or an e-mail address, and a password. */
export function SignIn() {
  const { t } = useSpeech();
  const tenant = useTenantName();
  const { next, expired } = useSearch({ from: "/sign-in" });
  const client = useQueryClient();
  const navigate = useNavigate();
  const router = useRouter();
  const password = useRef<HTMLInputElement>(null);
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
    onError: () => {
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
              ({ username, password: secret }) => signIn.mutate({ username: username.trim(), password: secret }),
              (errors) => form.getInputNode(errors.username ? "username" : "password")?.focus(),
            )}
          >
            <Stack>
              {expired !== undefined && !signIn.isError && (
                <Alert role="status" color="petrol" icon={<IconClock aria-hidden />}>
                  {t.signIn.expired}
                </Alert>
              )}
              {signIn.isError && <ProblemAlert error={signIn.error} />}
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
              <Button type="submit" size="md" fullWidth loading={signIn.isPending} mt="xs">
                {t.signIn.submit}
              </Button>
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
