import { Skeleton, Table, Text } from "@mantine/core";
import { IconMailOff } from "@tabler/icons-react";
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { api, body } from "../api/client";
import { undeliverableQuery } from "../api/queries";
import type { UndeliverableAddress } from "../api/types";
import { useSpeech } from "../i18n";
import { ConfirmedAct } from "../parts/confirm";
import { Empty } from "../parts/empty";
import { LinkBack, LinkText } from "../parts/link";
import { Moment } from "../parts/moment";
import { Page } from "../parts/page";
import { More } from "../parts/paging";
import classes from "../parts/parts.module.css";
import { ProblemAlert } from "../parts/problem";
import { Guarded } from "../parts/whole-page";
import { useMay } from "../shell/session";

function Row({ item }: { item: UndeliverableAddress }) {
  const { t, format } = useSpeech();
  const words = t.undeliverable;
  const may = useMay();
  const client = useQueryClient();
  const { name } = item.metadata;
  const { diagnostic, message, reason, since, until } = item.status;
  return (
    <Table.Tr>
      <Table.Td fw={560} miw={240} style={{ overflowWrap: "anywhere" }}>
        {name}
      </Table.Td>
      <Table.Td style={{ overflowWrap: "anywhere" }}>
        <Text size="sm" fw={560}>
          {words.reasons[reason]}
        </Text>
        <Text size="sm">{diagnostic ?? words.unknown}</Text>
        {message !== undefined && (
          <LinkText to="/messages" search={{ message }} size="xs">
            {words.message}
          </LinkText>
        )}
      </Table.Td>
      <Table.Td>
        <Moment at={since} />
      </Table.Td>
      <Table.Td>
        <time dateTime={until}>{format.moment(until)}</time>
      </Table.Td>
      {may("messages:resend") && (
        <Table.Td ta="end">
          <ConfirmedAct
            label={words.remove}
            title={words.removeOf(name)}
            what={words.removeWhat(name)}
            act={() => body(api.DELETE("/undeliverable-addresses/{address}", { params: { path: { address: name } } }))}
            done={words.removed(name)}
            onDone={() => client.invalidateQueries(undeliverableQuery)}
            size="compact-sm"
          />
        </Table.Td>
      )}
    </Table.Tr>
  );
}

function List() {
  const { t } = useSpeech();
  const words = t.undeliverable;
  const may = useMay();
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
        <Table.ScrollContainer minWidth={640} type="native">
          <Table verticalSpacing={6} horizontalSpacing="sm" className={classes.table} aria-label={words.table}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th scope="col">{words.address}</Table.Th>
                <Table.Th scope="col">{words.why}</Table.Th>
                <Table.Th scope="col">{words.since}</Table.Th>
                <Table.Th scope="col">{words.until}</Table.Th>
                {may("messages:resend") && <Table.Td />}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {items.map((item) => (
                <Row key={item.metadata.name} item={item} />
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
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
