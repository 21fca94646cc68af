import { Alert, Badge, Skeleton, Stack, Table, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { api, body } from "../../api/client";
import { problemOf } from "../../api/problem";
import type { Changed, RoleDraft } from "../../api/types";
import { useSpeech } from "../../i18n";
import classes from "../../parts/parts.module.css";
import { ProblemAlert } from "../../parts/problem";
import { essential } from "./essential";

/** A list this long says no more than that it is long. */
const MOST_ROWS = 200;

function Changes({ changes, complete }: { changes: Changed[]; complete: boolean }) {
  const { t, format } = useSpeech();
  if (changes.length === 0 && complete) {
    return (
      <Text size="sm" role="status">
        {t.simulate.nothing}
      </Text>
    );
  }
  return (
    <Stack gap="sm">
      <Text size="sm" role="status">
        {t.simulate.count(changes.length, format.number(changes.length))}
      </Text>
      {!complete && (
        <Alert color="yellow" icon={<IconAlertTriangle aria-hidden />}>
          {t.simulate.incomplete}
        </Alert>
      )}
      {/* Keyboards reach what scrolls. */}
      <Table.ScrollContainer minWidth={420} maxHeight={320} type="native" tabIndex={0} role="group" aria-label={t.simulate.title}>
        <Table stickyHeader fz="sm" aria-label={t.simulate.title}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t.simulate.who}</Table.Th>
              <Table.Th>{t.explain.permission}</Table.Th>
              <Table.Th>{t.explain.object}</Table.Th>
              <Table.Th>{t.simulate.change}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {changes.slice(0, MOST_ROWS).map((change) => (
              <Table.Tr key={`${change.roles.join(",")} ${change.permission} ${change.name}`}>
                <Table.Td>
                  {change.users > 0
                    ? t.simulate.holders(change.users, format.number(change.users), format.list(change.roles))
                    : t.simulate.nobodyYet(format.list(change.roles))}
                </Table.Td>
                <Table.Td className={classes.code}>{change.permission}</Table.Td>
                <Table.Td>{change.name === "*" ? t.explain.all : change.name === "-" ? t.explain.own : change.name}</Table.Td>
                <Table.Td>
                  <Badge color={change.after ? "teal" : "red"}>{change.after ? t.simulate.gained : t.simulate.lost}</Badge>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {changes.length > MOST_ROWS && (
        <Text size="sm" c="dimmed">
          {t.simulate.rest(format.number(changes.length - MOST_ROWS))}
        </Text>
      )}
    </Stack>
  );
}

/** What would be decided otherwise if a role were saved so, or without a draft, deleted. */
export function Simulation({ role, draft, replacement }: { role: string; draft?: RoleDraft; replacement?: string }) {
  const { t } = useSpeech();
  const asked = { role, draft, replacement };
  const simulation = useQuery({
    queryKey: ["roles", "simulate", asked],
    queryFn: ({ signal }) => body(api.POST("/permissions/-/simulate", { body: asked, signal })),
    staleTime: 0,
    gcTime: 0,
  });
  if (simulation.isError) return <ProblemAlert error={simulation.error} others={problemOf(simulation.error).errors} onRetry={() => void simulation.refetch()} />;
  if (simulation.data === undefined) return <Skeleton height={120} role="status" aria-label={t.common.loading} />;
  return <Changes changes={essential(simulation.data.changes)} complete={simulation.data.complete} />;
}
