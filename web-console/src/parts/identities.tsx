import { Anchor, Badge, Button, Group, Skeleton, Text } from "@mantine/core";
import { IconLogin2, IconPlus } from "@tabler/icons-react";
import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, body } from "../api/client";
import { identitiesQuery, waysInQuery } from "../api/queries";
import type { UserIdentity } from "../api/types";
import { useSpeech } from "../i18n";
import { ConfirmedAct } from "./confirm";
import { Moment } from "./moment";
import { Panel } from "./page";
import classes from "./parts.module.css";
import { ProblemAlert } from "./problem";

function Line({ of, remove, onRemoved }: { of: UserIdentity; remove?: () => Promise<unknown>; onRemoved: () => unknown }) {
  const { t } = useSpeech();
  const words = t.identities;
  const { spec, status, metadata } = of;
  return (
    <li className={classes.line}>
      <IconLogin2 size={20} aria-hidden style={{ flex: "none" }} />
      <div style={{ flex: 1, minWidth: 0 }}>
        <Group gap="xs">
          <Text size="sm" fw={560} title={spec.subject}>
            {words.at(spec.displayName, spec.providerName)}
          </Text>
          {!status.enabled && <Badge color="gray">{words.disabled}</Badge>}
        </Group>
        <Text size="xs" c="dimmed">
          {words.linked} <Moment at={metadata.creationTimestamp} />
          {status.lastUsedAt !== undefined && (
            <>
              {" "}
              · {t.devices.used} <Moment at={status.lastUsedAt} />
            </>
          )}
        </Text>
      </div>
      {remove !== undefined && (
        <ConfirmedAct
          label={words.remove}
          title={words.removeOf(spec.providerName)}
          what={words.removeWhat(spec.displayName, spec.providerName)}
          act={remove}
          done={words.removed(spec.providerName)}
          onDone={onRemoved}
          size="compact-sm"
        />
      )}
    </li>
  );
}

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
  const items = identities.data?.pages.flatMap((page) => page.items);
  return (
    <Panel title={words.title} hint={name === undefined ? words.ownHint : words.hint}>
      {identities.isError && <ProblemAlert error={identities.error} onRetry={() => void identities.refetch()} />}
      {identities.isPending && <Skeleton height={40} aria-busy aria-label={t.common.loading} role="group" />}
      {items?.length === 0 && (
        <Text size="sm" c="dimmed">
          {words.none}
        </Text>
      )}
      {items !== undefined && items.length > 0 && (
        <ul className={classes.lines}>
          {items.map((of) => (
            <Line
              key={of.metadata.name}
              of={of}
              remove={mayRemove ? () => remove(of.spec) : undefined}
              onRemoved={refresh}
            />
          ))}
        </ul>
      )}
      {identities.hasNextPage && (
        <Button
          variant="default"
          size="compact-sm"
          mt="sm"
          loading={identities.isFetchingNextPage}
          onClick={() => void identities.fetchNextPage()}
        >
          {t.devices.more}
        </Button>
      )}
      {name === undefined && <Add />}
    </Panel>
  );
}
