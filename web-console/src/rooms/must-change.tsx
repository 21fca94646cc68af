import { Alert, Box, Button, Paper, Stack, Text, Title } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconKey, IconLogout } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { useSpeech } from "../i18n";
import { OwnPassword } from "../parts/own-password";
import { ProblemAlert } from "../parts/problem";
import { Mark } from "../shell/mark";
import { Preferences } from "../shell/preferences";
import { useSession, useSignOut } from "../shell/session";
import { useTenantName } from "../shell/tenant";
import classes from "./must-change.module.css";

/** All there is for somebody whose password was set by somebody else, until they have chosen their own. */
export function MustChange() {
  const { t } = useSpeech();
  const tenant = useTenantName();
  const { user } = useSession();
  const client = useQueryClient();
  const signOut = useSignOut();
  useEffect(() => {
    document.title = tenant === "" ? t.password.mustTitle : `${t.password.mustTitle} · ${tenant}`;
  }, [t, tenant]);
  return (
    <Box component="main" className={classes.page}>
      <Box className={classes.column}>
        <Stack gap="sm" align="center" mb="xl">
          <Mark size={44} />
          <Box ta="center">
            <Title order={1} size="h2">
              {t.password.mustTitle}
            </Title>
            <Text c="dimmed" mih={25}>
              {t.shell.signedInAs(user.spec.displayName || user.metadata.name)}
            </Text>
          </Box>
        </Stack>
        <Paper className={classes.card}>
          <Stack>
            <Alert color="petrol" icon={<IconKey aria-hidden />}>
              {t.password.mustHint}
            </Alert>
            {signOut.isError && <ProblemAlert error={signOut.error} />}
            <OwnPassword
              size="md"
              onChanged={async () => {
                notifications.show({ color: "teal", message: t.password.changed });
                await client.invalidateQueries();
              }}
            />
            <Button
              variant="subtle"
              color="gray"
              leftSection={<IconLogout size={16} aria-hidden />}
              loading={signOut.isPending}
              onClick={() => signOut.mutate()}
            >
              {t.shell.signOut}
            </Button>
          </Stack>
        </Paper>
        <Box className={classes.preferences}>
          <Preferences />
        </Box>
      </Box>
    </Box>
  );
}
