import { Button, Drawer, Group, NativeSelect, Skeleton, Stack, Table, Text } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { IconFilterOff, IconMail, IconMailOff, IconRefresh } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { sendersQuery, tenantQuery } from "../api/first-queries";
import { messagesQuery } from "../api/queries";
import type { Message } from "../api/types";
import { useSpeech } from "../i18n";
import { Empty } from "../parts/empty";
import { TextFilter, TimeFilter } from "../parts/filters";
import { LinkButton, LinkText } from "../parts/link";
import { Moment } from "../parts/moment";
import { Page } from "../parts/page";
import { Paging } from "../parts/paging";
import parts from "../parts/parts.module.css";
import { ProblemAlert } from "../parts/problem";
import { Guarded } from "../parts/whole-page";
import { useMay } from "../shell/session";
import { DEFAULT_SIZE } from "../url";
import { AskWhy, WhyNoMail } from "./delivery";
import { kindOf, OpenedMessage, State, subjectOf } from "./message";
import { isFiltered, KINDS, messagesAsked, STATES, type MessagesSearch } from "./messages-search";

function Waiting() {
  return Array.from({ length: 6 }, (_, row) => (
    <Table.Tr key={row}>
      <Table.Td colSpan={7}>
        <Skeleton height={14} width={`${60 + ((row * 11) % 30)}%`} />
      </Table.Td>
    </Table.Tr>
  ));
}

function Rows({ items }: { items: Message[] }) {
  const { t, format } = useSpeech();
  const navigate = useNavigate({ from: "/messages" });
  return items.map((message) => {
    const { metadata, spec, status } = message;
    return (
      // The subject is the link for keyboards; the rest of the row is a larger target for a mouse.
      <Table.Tr
        key={metadata.name}
        className={parts.row}
        onClick={(event) => {
          if (event.target instanceof Element && event.target.closest("a") === null) {
            void navigate({ search: (before) => ({ ...before, message: metadata.name }) });
          }
        }}
      >
        <Table.Td>{spec.to}</Table.Td>
        <Table.Td miw={190}>
          <LinkText
            to="/messages"
            search={(before) => ({ ...before, message: metadata.name })}
            size="sm"
            fw={560}
            c="inherit"
          >
            {subjectOf(t, message)}
          </LinkText>
        </Table.Td>
        <Table.Td>{kindOf(t, spec.template)}</Table.Td>
        <Table.Td>
          <State state={status.state} />
        </Table.Td>
        <Table.Td>{format.number(status.attempts)}</Table.Td>
        <Table.Td>
          <Moment at={metadata.creationTimestamp} />
        </Table.Td>
        <Table.Td>{status.sentAt ? <Moment at={status.sentAt} /> : "–"}</Table.Td>
      </Table.Tr>
    );
  });
}

function Cards({ items }: { items: Message[] }) {
  const { t } = useSpeech();
  return (
    <ul className={parts.cards}>
      {items.map((message) => (
        <li key={message.metadata.name}>
          <Link
            to="/messages"
            search={(before) => ({ ...before, message: message.metadata.name })}
            className={parts.card}
          >
            <Stack gap={4}>
              <Text size="sm" fw={560}>
                {subjectOf(t, message)}
              </Text>
              <Text size="sm" c="dimmed" truncate>
                {message.spec.to}
              </Text>
              <Group gap="xs" fz="xs" c="dimmed">
                <State state={message.status.state} />
                <Moment at={message.metadata.creationTimestamp} />
              </Group>
            </Stack>
          </Link>
        </li>
      ))}
    </ul>
  );
}

/** The senders' names, for whoever may see them, and the one that the address names. */
function useSenderNames(named?: string): string[] {
  const may = useMay();
  const senders = useQuery({ ...sendersQuery, enabled: may("senders:list") });
  const names = (senders.data?.items ?? []).map(({ metadata }) => metadata.name);
  return named === undefined || names.includes(named) ? names : [...names, named];
}

/** The choice that filters nothing. */
const any = (label: string) => ({ value: "", label });

function Filters({ search, onChange }: { search: MessagesSearch; onChange: (change: MessagesSearch) => void }) {
  const { t } = useSpeech();
  const words = t.messages;
  const senders = useSenderNames(search.sender);
  return (
    <Group gap="xs" mb="md" align="flex-end">
      <TextFilter label={words.to} value={search.to} onChange={(to) => onChange({ to })} />
      <NativeSelect
        label={words.state}
        value={search.state ?? ""}
        data={[any(words.anyState), ...STATES.map((state) => ({ value: state, label: words.states[state] }))]}
        onChange={({ currentTarget: { value } }) => onChange({ state: STATES.find((known) => known === value) })}
        flex="1 1 120px"
        maw={180}
      />
      <NativeSelect
        label={words.kind}
        value={search.kind ?? ""}
        data={[any(words.anyKind), ...KINDS.map((kind) => ({ value: kind, label: words.kinds[kind] }))]}
        onChange={({ currentTarget: { value } }) => onChange({ kind: KINDS.find((known) => known === value) })}
        flex="1 1 150px"
        maw={240}
      />
      {senders.length > 0 && (
        <NativeSelect
          label={words.sender}
          value={search.sender ?? ""}
          data={[any(words.anySender), ...senders]}
          onChange={({ currentTarget: { value } }) => onChange({ sender: value === "" ? undefined : value })}
          flex="1 1 120px"
          maw={200}
        />
      )}
      <TimeFilter label={words.since} value={search.since} onChange={(since) => onChange({ since })} />
      <TimeFilter label={words.until} value={search.until} onChange={(until) => onChange({ until })} />
      {isFiltered(search) && (
        <Button
          variant="subtle"
          leftSection={<IconFilterOff size={16} aria-hidden />}
          onClick={() =>
            onChange({
              to: undefined,
              state: undefined,
              kind: undefined,
              sender: undefined,
              since: undefined,
              until: undefined,
            })
          }
        >
          {t.users.clearFilters}
        </Button>
      )}
    </Group>
  );
}

function Log() {
  const { t, format } = useSpeech();
  const search = useSearch({ from: "/inside/messages" });
  const navigate = useNavigate({ from: "/messages" });
  const cards = useMediaQuery("(max-width: 48em)", undefined, { getInitialValueInEffect: false });
  const page = search.page ?? 1;
  const size = search.size ?? DEFAULT_SIZE;
  const messages = useQuery(messagesQuery(messagesAsked(search)));
  const { data: tenant } = useQuery(tenantQuery);
  const go = (change: MessagesSearch, replace = false) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace });
  const kept = tenant?.mailbox ?? false;
  const total = messages.data?.total ?? 0;
  const items = messages.data?.items;
  return (
    <Page
      title={kept ? t.messages.mailboxTitle : t.messages.logTitle}
      hint={kept ? t.messages.mailboxHint : t.messages.logHint}
      actions={
        <Group gap="xs">
          <LinkButton to="/undeliverable-addresses" variant="default" leftSection={<IconMailOff size={16} aria-hidden />}>
            {t.undeliverable.title}
          </LinkButton>
          <Button
            variant="default"
            leftSection={<IconRefresh size={16} aria-hidden />}
            onClick={() => void messages.refetch()}
            disabled={messages.isPending}
          >
            {t.common.refresh}
          </Button>
        </Group>
      }
    >
      <AskWhy onAsk={(why) => go({ why, message: undefined })} />
      <Filters search={search} onChange={(change) => go({ ...change, page: undefined, message: undefined }, true)} />
      <Group justify="space-between" mb="sm">
        <Text size="sm" c="dimmed">
          {messages.isSuccess && t.messages.total(total, format.number(total))}
        </Text>
        <Text size="sm" c="dimmed">
          {t.messages.live}
        </Text>
      </Group>
      {messages.isError && (
        <div style={{ marginBottom: 16 }}>
          <ProblemAlert error={messages.error} onRetry={() => void messages.refetch()} />
        </div>
      )}
      {(items !== undefined || !messages.isError) && (
        <div className={parts.surface} aria-busy={messages.isPending}>
          {items?.length === 0 && (
            <Empty
              icon={<IconMail />}
              title={isFiltered(search) ? t.messages.noMatch : t.messages.empty}
              hint={isFiltered(search) ? t.messages.noMatchHint : t.messages.emptyHint}
            />
          )}
          {cards && items !== undefined && items.length > 0 && <Cards items={items} />}
          {(items === undefined || (!cards && items.length > 0)) && (
            <Table.ScrollContainer minWidth={cards ? 0 : 760} type="native">
              <Table
                verticalSpacing={6}
                horizontalSpacing="sm"
                className={messages.isPlaceholderData ? `${parts.table} ${parts.stale}` : parts.table}
                aria-label={t.messages.table}
              >
                <Table.Thead>
                  <Table.Tr>
                    {(cards
                      ? [t.messages.subject]
                      : [
                          t.messages.to,
                          t.messages.subject,
                          t.messages.kind,
                          t.messages.state,
                          t.messages.attempts,
                          t.messages.created,
                          t.messages.sent,
                        ]
                    ).map((name) => (
                      <Table.Th key={name}>{name}</Table.Th>
                    ))}
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {items === undefined ? <Waiting /> : <Rows items={items} />}
                </Table.Tbody>
              </Table>
            </Table.ScrollContainer>
          )}
          {items !== undefined && (
            <Paging
              page={page}
              size={size}
              total={total}
              onPage={(chosen) => go({ page: chosen === 1 ? undefined : chosen })}
              onSize={(chosen) => go({ size: chosen === DEFAULT_SIZE ? undefined : chosen, page: undefined })}
            />
          )}
        </div>
      )}
      <WhyNoMail address={search.why} onClose={() => go({ why: undefined })} />
      <Drawer
        opened={search.message !== undefined}
        onClose={() => go({ message: undefined })}
        position="right"
        size="lg"
        title={t.messages.details}
        closeButtonProps={{ "aria-label": t.common.close }}
      >
        {search.message !== undefined && <OpenedMessage name={search.message} />}
      </Drawer>
    </Page>
  );
}

/** What was mailed and how it went; without a mail server, the mails themselves. */
export function Messages() {
  const may = useMay();
  return (
    <Guarded allowed={may("messages:list")}>
      <Log />
    </Guarded>
  );
}
