import { Badge, Button, Code, Drawer, Group, Skeleton, Stack, Table, Text, Title, UnstyledButton } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { IconHistory } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { auditQuery, type AuditAsked } from "../api/queries";
import type { AuditEvent } from "../api/types";
import { useSpeech } from "../i18n";
import { CopyIcon } from "./copy";
import { changesOf, differences, shortly, type Change } from "./diff";
import { Empty } from "./empty";
import { LinkText } from "./link";
import { Moment } from "./moment";
import { Facts } from "./page";
import classes from "./parts.module.css";
import { ProblemAlert } from "./problem";

const COLOURS: Partial<Record<string, string>> = { done: "teal", refused: "yellow", denied: "red" };
const SIZE = 20;

export function OutcomeBadge({ event }: { event: AuditEvent }) {
  const { t } = useSpeech();
  const known: Partial<Record<string, string>> = t.audit.outcomes;
  return (
    <Group gap={6} wrap="nowrap">
      <Badge color={COLOURS[event.outcome] ?? "gray"}>{known[event.outcome] ?? event.outcome}</Badge>
      {event.code !== undefined && <Code>{event.code}</Code>}
    </Group>
  );
}

function Changed({ change }: { change: Change }) {
  const { t } = useSpeech();
  const found = differences(change.before, change.after);
  const made = change.before == null && change.after != null;
  const gone = change.after == null && change.before != null;
  return (
    <section aria-label={`${change.kind} ${change.name}`}>
      <Group gap="xs" mb={6}>
        <Title order={3} size="h6">
          {change.kind} {change.name}
        </Title>
        {made && <Badge color="teal">{t.audit.made}</Badge>}
        {gone && <Badge color="red">{t.audit.gone}</Badge>}
      </Group>
      <Table.ScrollContainer minWidth={360} type="native" tabIndex={0} role="group" aria-label={t.audit.changes}>
        <Table fz="xs" withRowBorders className={classes.diff}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t.audit.field}</Table.Th>
              <Table.Th>{t.audit.before}</Table.Th>
              <Table.Th>{t.audit.after}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {found.map((each) => (
              <Table.Tr key={each.path}>
                <Table.Td className={classes.code}>{each.path || "–"}</Table.Td>
                <Table.Td className={classes.removed}>{shortly(each.before)}</Table.Td>
                <Table.Td className={classes.added}>{shortly(each.after)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </section>
  );
}

function Details({ event }: { event: AuditEvent }) {
  const { t, format } = useSpeech();
  // That nobody changed an object that an act was about is said once, not of each.
  const changes = changesOf(event.changes).filter(({ before, after }) => differences(before, after).length > 0);
  const copied = (value: string) => (
    <Group gap={4} wrap="nowrap">
      <span className={classes.code}>{value}</span>
      <CopyIcon value={value} label={t.common.copy} />
    </Group>
  );
  const facts: [string, ReactNode][] = [
    [t.audit.number, format.number(event.sequence)],
    [t.audit.at, format.exact(event.at)],
    [t.audit.actor, event.actor || t.audit.nobody],
    [t.audit.action, <Code key="action">{event.action}</Code>],
    [t.audit.object, event.object || "–"],
    [t.audit.outcome, <OutcomeBadge key="outcome" event={event} />],
    ...(event.ipAddress ? [[t.audit.address, event.ipAddress] as [string, ReactNode]] : []),
    ...(event.userAgent ? [[t.audit.program, event.userAgent] as [string, ReactNode]] : []),
    ...(event.sessionId === undefined ? [] : [[t.audit.session, copied(event.sessionId)] as [string, ReactNode]]),
    ...(event.requestId ? [[t.audit.request, copied(event.requestId)] as [string, ReactNode]] : []),
    [t.audit.hash, copied(event.hash)],
  ];
  return (
    <Stack gap="lg">
      <Facts facts={facts} />
      <Stack>
        <Title order={2} size="h5">
          {t.audit.changes}
        </Title>
        {changes.length === 0 ? (
          <Text size="sm" c="dimmed">
            {t.audit.nothingChanged}
          </Text>
        ) : (
          changes.map((change) => <Changed key={`${change.kind} ${change.name}`} change={change} />)
        )}
      </Stack>
    </Stack>
  );
}

function Events({ items, onOpen, stale }: { items: AuditEvent[]; onOpen: (event: AuditEvent) => void; stale: boolean }) {
  const { t } = useSpeech();
  const cards = useMediaQuery("(max-width: 48em)", undefined, { getInitialValueInEffect: false });
  if (cards) {
    return (
      <ul className={classes.cards}>
        {items.map((event) => (
          <li key={event.sequence}>
            <UnstyledButton className={classes.card} px="md" py={14} onClick={() => onOpen(event)}>
              <Stack gap={4}>
                <Text size="sm" fw={560} style={{ overflowWrap: "anywhere" }}>
                  {event.action} {event.object}
                </Text>
                <Group gap="xs" fz="xs" c="dimmed">
                  <OutcomeBadge event={event} />
                  <span>{event.actor || t.audit.nobody}</span>
                  <Moment at={event.at} />
                </Group>
              </Stack>
            </UnstyledButton>
          </li>
        ))}
      </ul>
    );
  }
  return (
    <Table.ScrollContainer minWidth={680} type="native">
      <Table
        verticalSpacing={6}
        horizontalSpacing="sm"
        className={stale ? `${classes.table} ${classes.stale}` : classes.table}
        aria-label={t.audit.table}
      >
        <Table.Thead>
          <Table.Tr>
            {[t.audit.at, t.audit.actor, t.audit.action, t.audit.object, t.audit.outcome].map((name) => (
              <Table.Th key={name}>{name}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {items.map((event) => (
            <Table.Tr
              key={event.sequence}
              className={classes.row}
              onClick={(click) => {
                if (click.target instanceof Element && click.target.closest("a, button") === null) onOpen(event);
              }}
            >
              <Table.Td>
                <Moment at={event.at} />
              </Table.Td>
              <Table.Td>
                {event.actor === "" ? (
                  <Text size="sm" c="dimmed">
                    {t.audit.nobody}
                  </Text>
                ) : (
                  <LinkText to="/users/$name" params={{ name: event.actor }} size="sm" c="inherit">
                    {event.actor}
                  </LinkText>
                )}
              </Table.Td>
              <Table.Td>
                {/* The action is the button for keyboards; the rest of the row is a larger target for a mouse. */}
                <Button variant="transparent" color="var(--mantine-color-text)" size="compact-sm" px={0} onClick={() => onOpen(event)}>
                  {event.action}
                </Button>
              </Table.Td>
              <Table.Td style={{ overflowWrap: "anywhere" }}>{event.object}</Table.Td>
              <Table.Td>
                <OutcomeBadge event={event} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

/** What was done, newest first, a part at a time. */
export function AuditTrail({
  asked,
  after,
  onAfter,
  event,
  onEvent,
  filtered = false,
}: {
  asked: Omit<AuditAsked, "size" | "cursor">;
  /** Where the part before ended. */
  after?: string;
  onAfter: (cursor?: string) => void;
  /** The number of the event that is looked into. */
  event?: number;
  onEvent: (sequence?: number) => void;
  filtered?: boolean;
}) {
  const { t } = useSpeech();
  const events = useQuery(auditQuery({ ...asked, size: SIZE, cursor: after }));
  if (events.isError && events.data === undefined) {
    return <ProblemAlert error={events.error} onRetry={() => void events.refetch()} />;
  }
  const items = events.data?.items;
  const next = events.data?.nextCursor;
  const opened = items?.find(({ sequence }) => sequence === event);
  return (
    <>
      <div className={classes.surface} aria-busy={events.isPending}>
        {items === undefined && (
          <Stack p="lg" aria-label={t.common.loading} role="group">
            {Array.from({ length: 6 }, (_, row) => (
              <Skeleton key={row} height={14} width={`${60 + ((row * 11) % 30)}%`} />
            ))}
          </Stack>
        )}
        {items?.length === 0 && (
          <Empty
            icon={<IconHistory />}
            title={filtered ? t.audit.noMatch : t.audit.empty}
            hint={filtered ? t.audit.noMatchHint : t.audit.emptyHint}
          />
        )}
        {items !== undefined && items.length > 0 && <Events items={items} onOpen={({ sequence }) => onEvent(sequence)} stale={events.isPlaceholderData} />}
        {(after !== undefined || next !== undefined) && (
          <div className={classes.foot}>
            <Button variant="default" size="compact-md" disabled={after === undefined} onClick={() => onAfter()}>
              {t.audit.newest}
            </Button>
            <Button variant="default" size="compact-md" disabled={next === undefined} onClick={() => onAfter(next)}>
              {t.audit.older}
            </Button>
          </div>
        )}
      </div>
      <Drawer
        opened={opened !== undefined}
        onClose={() => onEvent()}
        position="right"
        size="lg"
        title={t.audit.details}
        closeButtonProps={{ "aria-label": t.common.close }}
      >
        {opened !== undefined && <Details event={opened} />}
      </Drawer>
    </>
  );
}
