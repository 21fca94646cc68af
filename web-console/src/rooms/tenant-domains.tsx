import { Text } from "@mantine/core";
import { IconWorldWww } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { tenantDomainsQuery } from "../api/tenant-queries";
import { useSpeech } from "../i18n";
import { Empty } from "../parts/empty";
import { Listing } from "../parts/listing";
import { Page } from "../parts/page";
import { StateFilters } from "../parts/state-filters";
import { Guarded } from "../parts/whole-page";
import { useMayOperate } from "../shell/tenant";
import { useDomainColumns } from "./tenant/domains";
import { DOMAIN_STATES, isFiltered, searchAsked, type TenantDomainsSearch } from "./tenants-search";

function All() {
  const { t, format } = useSpeech();
  const words = t.tenantDomains;
  const search = useSearch({ from: "/inside/tenant-domains" });
  const navigate = useNavigate({ from: "/tenant-domains" });
  const go = (change: Partial<TenantDomainsSearch>, replace = false) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace });
  const list = useQuery(tenantDomainsQuery(searchAsked(search)));
  const columns = useDomainColumns(true);
  return (
    <Page title={t.shell.tenantDomains} hint={words.hint}>
      <StateFilters
        label={t.domains.search}
        states={DOMAIN_STATES}
        names={t.domains.states}
        search={search}
        onChange={(change) => go({ ...change, page: undefined }, true)}
      />
      <Text size="sm" c="dimmed" mb="xs" role="status">
        {list.isSuccess && t.domains.total(list.data.total, format.number(list.data.total))}
      </Text>
      <Listing
        label={t.shell.tenantDomains}
        list={list}
        columns={columns}
        search={search}
        // What is not proven may be claimed by several.
        keyOf={({ metadata, status }) => `${metadata.name} ${status.tenant}`}
        onPage={(change) => go(change)}
        empty={
          <Empty
            icon={<IconWorldWww />}
            title={isFiltered(search) ? words.none : words.empty}
            hint={isFiltered(search) ? words.noneHint : words.emptyHint}
          />
        }
      />
    </Page>
  );
}

/** The domains of all tenants of the instance. */
export function TenantDomains() {
  const may = useMayOperate();
  return (
    <Guarded allowed={may("tenants/domains:list")}>
      <All />
    </Guarded>
  );
}
