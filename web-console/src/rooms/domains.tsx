import { Anchor, Button, Text } from "@mantine/core";
import { IconPlus, IconWorldWww } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { domainsQuery } from "../api/tenant-queries";
import type { Domain } from "../api/types";
import { useSpeech } from "../i18n";
import { Empty } from "../parts/empty";
import { LinkText } from "../parts/link";
import { Listing, type Column } from "../parts/listing";
import { Moment } from "../parts/moment";
import { Page } from "../parts/page";
import { Guarded } from "../parts/whole-page";
import { useMay } from "../shell/session";
import { pageAsked } from "./applications-search";
import { ClaimDomain } from "./claim-domain";
import { State } from "./domain/state";
import type { DomainsSearch } from "./tenants-search";

function useColumns(): Column<Domain>[] {
  const { t } = useSpeech();
  const words = t.domains;
  const may = useMay();
  return [
    {
      label: words.name,
      cell: ({ metadata: { name } }) =>
        may("domains:get") ? (
          <LinkText to="/domains/$name" params={{ name }} size="sm" fw={560} c="inherit" style={{ overflowWrap: "anywhere" }}>
            {name}
          </LinkText>
        ) : (
          name
        ),
    },
    { label: words.state, cell: ({ status }) => <State status={status} /> },
    {
      label: words.address,
      cell: ({ status }) =>
        status.state === "pending" ? (
          "–"
        ) : (
          <Anchor href={status.url} target="_blank" rel="noreferrer" size="sm" style={{ overflowWrap: "anywhere" }}>
            {status.url}
          </Anchor>
        ),
    },
    { label: words.checked, cell: ({ status }) => (status.checkedAt === undefined ? words.never : <Moment at={status.checkedAt} />) },
    { label: words.claimed, cell: ({ metadata }) => <Moment at={metadata.creationTimestamp} /> },
  ];
}

function All() {
  const { t, format } = useSpeech();
  const words = t.domains;
  const may = useMay();
  const search = useSearch({ from: "/inside/domains" });
  const navigate = useNavigate({ from: "/domains" });
  const go = (change: Partial<DomainsSearch>, replace = false) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace });
  const list = useQuery(domainsQuery(pageAsked(search, {})));
  const columns = useColumns();
  return (
    <Page
      title={t.shell.domains}
      hint={words.hint}
      actions={
        may("domains:create") && (
          <Button leftSection={<IconPlus size={18} aria-hidden />} onClick={() => go({ create: "1" })}>
            {words.claim}
          </Button>
        )
      }
    >
      <Text size="sm" c="dimmed" mb="xs" role="status">
        {list.isSuccess && words.total(list.data.total, format.number(list.data.total))}
      </Text>
      <Listing
        label={words.table}
        list={list}
        columns={columns}
        search={search}
        onOpen={
          may("domains:get") ? ({ metadata: { name } }) => void navigate({ to: "/domains/$name", params: { name } }) : undefined
        }
        onPage={(change) => go(change)}
        empty={<Empty icon={<IconWorldWww />} title={words.none} hint={words.noneHint} />}
      />
      {may("domains:create") && <ClaimDomain opened={search.create !== undefined} onClose={() => go({ create: undefined }, true)} />}
    </Page>
  );
}

/** The domains that the tenant is reached by. */
export function Domains() {
  const may = useMay();
  return (
    <Guarded allowed={may("domains:list")}>
      <All />
    </Guarded>
  );
}
