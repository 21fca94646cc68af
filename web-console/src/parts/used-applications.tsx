import { Badge } from "@mantine/core";
import { IconApps } from "@tabler/icons-react";
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { api, body } from "../api/client";
import { usedApplicationsQuery } from "../api/queries";
import type { UsedApplication } from "../api/types";
import { useSpeech } from "../i18n";
import { Moment } from "./moment";
import { OwnLine, OwnLines } from "./own-lines";

/** What somebody was asked for, as the application names it. */
function scopes(used: UsedApplication): string {
  return used.spec.consents.map((consent) => consent.scope).join(", ");
}

/** The applications that somebody signed in to; without a name, those of one's own. */
export function UsedApplications({ name, mayEnd }: { name?: string; mayEnd: boolean }) {
  const { t, format } = useSpeech();
  const words = t.usedApplications;
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
  const line = (used: UsedApplication) => {
    const { spec, status, metadata } = used;
    return (
      <OwnLine
        key={metadata.name}
        icon={<IconApps size={20} aria-hidden style={{ flex: "none" }} />}
        name={spec.displayName}
        id={metadata.name}
        badge={status.offline && <Badge color="gray">{words.offline}</Badge>}
        details={
          <>
            {spec.firstParty ? words.firstParty : words.may(scopes(used))} ·{" "}
            {words.sessions(status.sessions, format.number(status.sessions))} · {words.since}{" "}
            <Moment at={metadata.creationTimestamp} />
            {status.lastUsedAt !== undefined && (
              <>
                {" "}
                · {t.devices.used} <Moment at={status.lastUsedAt} />
              </>
            )}
          </>
        }
        ending={
          mayEnd
            ? {
                label: words.end,
                title: words.end,
                what: words.endWhat(spec.displayName),
                act: () => end(metadata.name),
                done: words.ended,
              }
            : undefined
        }
        onEnded={refresh}
      />
    );
  };
  return (
    <OwnLines
      list={applications}
      title={words.title}
      hint={name === undefined ? words.ownHint : words.hint}
      none={words.none}
      line={line}
    />
  );
}
