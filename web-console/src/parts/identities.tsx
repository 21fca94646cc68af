import { Anchor, Badge, Group } from "@mantine/core";
import { IconLogin2, IconPlus } from "@tabler/icons-react";
import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, body } from "../api/client";
import { identitiesQuery, waysInQuery } from "../api/queries";
import type { UserIdentity } from "../api/types";
import { useSpeech } from "../i18n";
import { Moment } from "./moment";
import { OwnLine, OwnLines } from "./own-lines";

/** What one can add to one's own account: each begins on a page of the server, which asks first. */
function Add() {
  const { t } = useSpeech();
  const ways = useQuery(waysInQuery);
  const open = ways.data?.filter((way) => way.supportsBinding && way.enabled && !way.isBound && way.bindingUrl !== undefined) ?? [];
  if (open.length === 0) return null;
  const back = encodeURIComponent(window.location.pathname);
  return (
    <Group gap="sm" mt="sm">
      {open.map((way) => (
        <Anchor key={way.name} size="sm" href={`${way.bindingUrl}&return_to=${back}`}>
          <IconPlus size={14} aria-hidden style={{ verticalAlign: "-2px" }} /> {t.identities.add(way.displayName)}
        </Anchor>
      ))}
    </Group>
  );
}

/** The accounts elsewhere that somebody signs in with; without a name, one's own. */
export function Identities({ name, mayRemove }: { name?: string; mayRemove: boolean }) {
  const { t } = useSpeech();
  const words = t.identities;
  const client = useQueryClient();
  const identities = useInfiniteQuery(identitiesQuery(name));
  const refresh = () => {
    void client.invalidateQueries({ queryKey: ["audit"] });
    return client.invalidateQueries({ queryKey: ["users", "identities"] });
  };
  const remove = ({ provider, subject }: UserIdentity["spec"]) =>
    name === undefined
      ? body(api.DELETE("/users/-/identities/{provider}/{subject}", { params: { path: { provider, subject } } }))
      : body(api.DELETE("/users/{name}/identities/{provider}/{subject}", { params: { path: { name, provider, subject } } }));
  const line = ({ spec, status, metadata }: UserIdentity) => (
    <OwnLine
      key={metadata.name}
      icon={<IconLogin2 size={20} aria-hidden style={{ flex: "none" }} />}
      name={words.at(spec.displayName, spec.providerName)}
      id={spec.subject}
      badge={!status.enabled && <Badge color="gray">{words.disabled}</Badge>}
      details={
        <>
          {words.linked} <Moment at={metadata.creationTimestamp} />
          {status.lastUsedAt !== undefined && (
            <>
              {" "}
              · {t.devices.used} <Moment at={status.lastUsedAt} />
            </>
          )}
        </>
      }
      ending={
        mayRemove
          ? {
              label: words.remove,
              title: words.removeOf(spec.providerName),
              what: words.removeWhat(spec.displayName, spec.providerName),
              act: () => remove(spec),
              done: words.removed(spec.providerName),
            }
          : undefined
      }
      onEnded={refresh}
    />
  );
  return (
    <OwnLines
      list={identities}
      title={words.title}
      hint={name === undefined ? words.ownHint : words.hint}
      none={words.none}
      line={line}
      below={name === undefined && <Add />}
    />
  );
}
