import { Badge, Group, Skeleton, Stack, Table, Text, Title } from "@mantine/core";
import { IconDoorExit } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { api, body } from "../../api/client";
import { signInQuery } from "../../api/queries";
import type { SignInWait, User, UserSignIn } from "../../api/types";
import { useSpeech } from "../../i18n";
import type { Texts } from "../../i18n/texts";
import { ConfirmedAct } from "../../parts/confirm";
import { Moment, When } from "../../parts/moment";
import { Facts, Panel } from "../../parts/page";
import classes from "../../parts/parts.module.css";
import { ProblemAlert } from "../../parts/problem";
import { useMay, useUserChanged } from "../../shell/session";
import { Lift, SendCode, SendReset } from "./first-aid";

function Answer({ state }: { state: UserSignIn }) {
  const { t } = useSpeech();
  if (!state.allowed) return <Badge color="red">{t.support.no}</Badge>;
  if (state.waits.length > 0) return <Badge color="yellow">{t.support.waits}</Badge>;
  return <Badge color="teal">{t.support.yes}</Badge>;
}

/** What a wait is for; a limit that this console does not know goes by its name. */
function reasonOf(t: Texts, { limit, login = "", network = "" }: SignInWait): string {
  const known: Partial<Record<string, (login: string, network: string) => string>> = t.support.wait;
  return known[limit]?.(login, network) ?? limit;
}

function Wait({ wait }: { wait: SignInWait }) {
  const { t, format } = useSpeech();
  return (
    <li>
      <Text size="sm" style={{ overflowWrap: "anywhere" }}>
        {reasonOf(t, wait)}
      </Text>
      <Text size="xs" c="dimmed">
        {t.support.until} <When at={wait.until} /> · {t.support.since(wait.tries, format.number(wait.tries))} <When at={wait.since} />
      </Text>
    </li>
  );
}

function Failures({ failures }: { failures: UserSignIn["failures"] }) {
  const { t } = useSpeech();
  const known: Partial<Record<string, string>> = t.support.codes;
  if (failures.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        {t.support.noFailures}
      </Text>
    );
  }
  return (
    <Table.ScrollContainer minWidth={420} type="native" tabIndex={0} role="group" aria-label={t.support.failures}>
      <Table fz="sm" aria-label={t.support.failures}>
        <Table.Thead>
          <Table.Tr>
            {[t.support.at, t.support.why, t.support.from].map((name) => (
              <Table.Th key={name} scope="col">
                {name}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {failures.map((failure) => (
            <Table.Tr key={failure.requestId}>
              <Table.Td>
                <Moment at={failure.at} />
              </Table.Td>
              <Table.Td>{known[failure.code] ?? failure.code}</Table.Td>
              <Table.Td>{[failure.ipAddress, failure.deviceName].filter(Boolean).join(" · ")}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function Acts({ user }: { user: User }) {
  const { t } = useSpeech();
  const may = useMay();
  const changed = useUserChanged();
  const { name } = user.metadata;
  return (
    <Group gap="xs">
      <Lift name={name} />
      <SendReset user={user} />
      <SendCode user={user} />
      {may("users/sessions:delete") && (
        <ConfirmedAct
          label={t.support.endSessions}
          title={t.support.endSessions}
          what={t.support.endSessionsWhat(name)}
          act={() => body(api.DELETE("/users/{name}/sessions", { params: { path: { name } } }))}
          done={t.devices.allEnded}
          onDone={changed}
          leftSection={<IconDoorExit size={16} aria-hidden />}
        />
      )}
    </Group>
  );
}

/** Whether somebody can sign in, why not, and what can be done about it. */
export function CanSignIn({ user }: { user: User }) {
  const { t } = useSpeech();
  const state = useQuery(signInQuery(user.metadata.name));
  const found = state.data;
  return (
    <Panel title={t.support.title} aside={found && <Answer state={found} />}>
      {state.isError && <ProblemAlert error={state.error} onRetry={() => void state.refetch()} />}
      {state.isPending && <Skeleton height={120} role="status" aria-label={t.common.loading} />}
      {found !== undefined && (
        <Stack>
          {(!found.allowed || found.waits.length > 0) && (
            <ul className={classes.lines}>
              {found.reasons.map((reason) => (
                <li key={reason}>
                  <Text size="sm">{t.support.reasons[reason]}</Text>
                </li>
              ))}
              {found.waits.map((wait) => (
                <Wait key={`${wait.limit} ${wait.login} ${wait.network}`} wait={wait} />
              ))}
            </ul>
          )}
          {found.mustChangePassword && <Text size="sm">{t.support.mustChange}</Text>}
          <Acts user={user} />
          <Facts
            facts={[
              [t.support.lastSignIn, found.lastSignInAt === undefined ? t.support.never : <Moment key="at" at={found.lastSignInAt} />],
            ]}
          />
          <Title order={3} size="h6">
            {t.support.failures}
          </Title>
          <Failures failures={found.failures} />
        </Stack>
      )}
    </Panel>
  );
}
