import { Badge, Table, Text } from "@mantine/core";
import { IconLogout } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { applicationLogoutsQuery } from "../../api/queries";
import type { LogoutDelivery } from "../../api/types";
import { useSpeech } from "../../i18n";
import { Empty } from "../../parts/empty";
import { Moment } from "../../parts/moment";
import { Panel } from "../../parts/page";
import { ProblemAlert } from "../../parts/problem";

const COLOURS: Record<LogoutDelivery["status"]["state"], string> = { queued: "yellow", done: "teal", failed: "red" };

/** What an application was told of sessions that ended, and what it answered. */
export function Logouts({ name }: { name: string }) {
  const { t } = useSpeech();
  const words = t.applications;
  const logouts = useQuery(applicationLogoutsQuery(name));
  const items = logouts.data?.items;
  return (
    <Panel title={words.logouts} hint={words.logoutsHint}>
      {items === undefined && logouts.isError && <ProblemAlert error={logouts.error} onRetry={() => void logouts.refetch()} />}
      {items?.length === 0 && <Empty icon={<IconLogout />} title={words.noLogouts} hint={words.noLogoutsHint} />}
      {items !== undefined && items.length > 0 && (
        <Table.ScrollContainer minWidth={560} type="native">
          <Table verticalSpacing={6} aria-label={words.logouts}>
            <Table.Thead>
              <Table.Tr>
                {[words.logoutEnded, words.logoutSession, words.state, words.logoutAttempts].map((label) => (
                  <Table.Th key={label} scope="col">
                    {label}
                  </Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {items.map(({ metadata, spec, status }) => (
                <Table.Tr key={metadata.name}>
                  <Table.Td>
                    <Moment at={metadata.creationTimestamp} />
                  </Table.Td>
                  <Table.Td ff="monospace" style={{ overflowWrap: "anywhere" }}>
                    {spec.session}
                  </Table.Td>
                  <Table.Td>
                    <Badge color={COLOURS[status.state]}>{words.logoutStates[status.state]}</Badge>
                  </Table.Td>
                  <Table.Td>
                    {status.attempts.length}
                    <Text size="xs" c="dimmed" style={{ overflowWrap: "anywhere" }}>
                      {status.attempts.at(-1)?.error}
                    </Text>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </Panel>
  );
}
