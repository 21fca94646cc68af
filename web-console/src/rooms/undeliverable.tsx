import { Group, Skeleton, Text } from "@mantine/core";
import { IconMailOff } from "@tabler/icons-react";
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { api, body } from "../api/client";
import { undeliverableQuery } from "../api/queries";
import type { UndeliverableAddress } from "../api/types";
import { useSpeech } from "../i18n";
import { ConfirmedAct } from "../parts/confirm";
import { Empty } from "../parts/empty";
import { LinkBack, LinkText } from "../parts/link";
import { Rows, type Column } from "../parts/listing";
import { Moment, When } from "../parts/moment";
import { Page } from "../parts/page";
import { More } from "../parts/paging";
import classes from "../parts/parts.module.css";
import { ProblemAlert } from "../parts/problem";
import { Guarded } from "../parts/whole-page";
import { useMay } from "../shell/session";

/** Lets the next message to an address be sent. */
function Remove({ name }: { name: string }) {
  const { t } = useSpeech();
  const words = t.undeliverable;
  const client = useQueryClient();
  return (
    <ConfirmedAct
      label={words.remove}
      title={words.removeOf(name)}
      what={words.removeWhat(name)}
      act={() => body(api.DELETE("/undeliverable-addresses/{address}", { params: { path: { address: name } } }))}
      done={words.removed(name)}
      onDone={() => client.invalidateQueries(undeliverableQuery)}
      size="compact-sm"
    />
  );
}

function useColumns(): Column<UndeliverableAddress>[] {
  const { t } = useSpeech();
  const words = t.undeliverable;
  const may = useMay();
  return [
    {
      label: words.address,
      cell: ({ metadata }) => (
        <Text size="sm" fw={560} style={{ overflowWrap: "anywhere" }} miw={240}>
          {metadata.name}
        </Text>
      ),
    },
    {
      label: words.why,
      cell: ({ status: { diagnostic, message, reason } }) => (
        <div style={{ overflowWrap: "anywhere" }}>
          <Text size="sm" fw={560}>
            {words.reasons[reason]}
          </Text>
          <Text size="sm">{diagnostic ?? words.unknown}</Text>
          {message !== undefined && (
            <LinkText to="/messages" search={{ message }} size="xs">
              {words.message}
            </LinkText>
          )}
        </div>
      ),
    },
    { label: words.since, cell: ({ status }) => <Moment at={status.since} /> },
    {
      label: words.until,
      cell: ({ metadata, status: { until } }) => (
        <Group justify="space-between" gap="xs">
          <When at={until} />
          {may("messages:resend") && <Remove name={metadata.name} />}
        </Group>
      ),
    },
  ];
}

function List() {
  const { t } = useSpeech();
  const words = t.undeliverable;
  const columns = useColumns();
  const addresses = useInfiniteQuery(undeliverableQuery);
  const items = addresses.data?.pages.flatMap((page) => page.items);
  if (items === undefined) {
    return addresses.isError ? (
      <ProblemAlert error={addresses.error} onRetry={() => void addresses.refetch()} />
    ) : (
      <Skeleton height={240} radius="lg" role="status" aria-label={t.common.loading} />
    );
  }
  return (
    <div className={classes.surface}>
      {items.length === 0 ? (
        <Empty icon={<IconMailOff />} title={words.empty} hint={words.emptyHint} />
      ) : (
        <Rows label={words.table} items={items} columns={columns} />
      )}
      <More list={addresses} label={words.more} />
    </div>
  );
}

/** Addresses that mail is kept from, and why. */
export function Undeliverable() {
  const { t } = useSpeech();
  const may = useMay();
  return (
    <Guarded allowed={may("messages:list")}>
      <Page title={t.undeliverable.title} hint={t.undeliverable.hint} above={<LinkBack to="/messages">{t.undeliverable.back}</LinkBack>}>
        <List />
      </Page>
    </Guarded>
  );
}
