import { Badge, Button, Group, Skeleton, Text } from "@mantine/core";
import { IconApps } from "@tabler/icons-react";
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { api, body } from "../api/client";
import { usedApplicationsQuery } from "../api/queries";
import type { UsedApplication } from "../api/types";
import { useSpeech } from "../i18n";
import { ConfirmedAct } from "./confirm";
import { Moment } from "./moment";
import { Panel } from "./page";
import classes from "./parts.module.css";
import { ProblemAlert } from "./problem";

function Line({ used, end, onEnded }: { used: UsedApplication; end?: () => Promise<unknown>; onEnded: () => unknown }) {
  const { t, format } = useSpeech();
  const { spec, status, metadata } = used;
  return (
    <li className={classes.line}>
      <IconApps size={20} aria-hidden style={{ flex: "none" }} />
      <div style={{ flex: 1, minWidth: 0 }}>
        <Group gap="xs">
          <Text size="sm" fw={560} title={metadata.name}>
            {spec.displayName}
          </Text>
          {status.offline && <Badge color="gray">{t.usedApplications.offline}</Badge>}
        </Group>
        <Text size="xs" c="dimmed" style={{ overflowWrap: "anywhere" }}>
          {spec.firstParty ? t.usedApplications.firstParty : t.usedApplications.may(scopes(used))} ·{" "}
          {t.usedApplications.sessions(status.sessions, format.number(status.sessions))} · {t.usedApplications.since}{" "}
          <Moment at={metadata.creationTimestamp} />
          {status.lastUsedAt !== undefined && (
            <>
              {" "}
              · {t.devices.used} <Moment at={status.lastUsedAt} />
            </>
          )}
        </Text>
      </div>
      {end !== undefined && (
        <ConfirmedAct
          label={t.usedApplications.end}
          title={t.usedApplications.end}
          what={t.usedApplications.endWhat(spec.displayName)}
          act={end}
          done={t.usedApplications.ended}
          onDone={onEnded}
          size="compact-sm"
        />
      )}
    </li>
  );
}

/** What somebody was asked for, as the application names it. */
function scopes(used: UsedApplication): string {
  return used.spec.consents.map((consent) => consent.scope).join(", ");
}

/** The applications that somebody signed in to; without a name, those of one's own. */
export function UsedApplications({ name, mayEnd }: { name?: string; mayEnd: boolean }) {
  const { t } = useSpeech();
  const client = useQueryClient();
  const applications = useInfiniteQuery(usedApplicationsQuery(name));
  const refresh = () => {
    void client.invalidateQueries({ queryKey: ["audit"] });
    void client.invalidateQueries({ queryKey: ["users", "sessions"] });
    return client.invalidateQueries({ queryKey: ["users", "applications"] });
  };
  const end = (application: string) =>
    name === undefined
      ? body(api.DELETE("/users/-/applications/{application}", { params: { path: { application } } }))
      : body(api.DELETE("/users/{name}/applications/{application}", { params: { path: { name, application } } }));
  const items = applications.data?.pages.flatMap((page) => page.items);
  return (
    <Panel
      title={t.usedApplications.title}
      hint={name === undefined ? t.usedApplications.ownHint : t.usedApplications.hint}
    >
      {applications.isError && <ProblemAlert error={applications.error} onRetry={() => void applications.refetch()} />}
      {applications.isPending && <Skeleton height={40} aria-busy aria-label={t.common.loading} role="group" />}
      {items?.length === 0 && (
        <Text size="sm" c="dimmed">
          {t.usedApplications.none}
        </Text>
      )}
      {items !== undefined && items.length > 0 && (
        <ul className={classes.lines}>
          {items.map((used) => (
            <Line
              key={used.metadata.name}
              used={used}
              end={mayEnd ? () => end(used.metadata.name) : undefined}
              onEnded={refresh}
            />
          ))}
        </ul>
      )}
      {applications.hasNextPage && (
        <Button
          variant="default"
          size="compact-sm"
          mt="sm"
          loading={applications.isFetchingNextPage}
          onClick={() => void applications.fetchNextPage()}
        >
          {t.devices.more}
        </Button>
      )}
    </Panel>
  );
}
