import { Anchor, Button, Text } from "@mantine/core";
import { IconBuildingCommunity, IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { tenantsQuery } from "../api/tenant-queries";
import type { InstanceTenant } from "../api/types";
import { useSpeech } from "../i18n";
import { Empty } from "../parts/empty";
import { LinkText } from "../parts/link";
import { Listing, type Column } from "../parts/listing";
import { Moment } from "../parts/moment";
import { Page } from "../parts/page";
import classes from "../parts/parts.module.css";
import { StateFilters } from "../parts/state-filters";
import { Guarded } from "../parts/whole-page";
import { useMayOperate } from "../shell/tenant";
import { FoundTenant } from "./found-tenant";
import { State } from "./tenant/state";
import { isFiltered, searchAsked, TENANT_STATES, type TenantsSearch } from "./tenants-search";

function useColumns(): Column<InstanceTenant>[] {
  const { t } = useSpeech();
  const may = useMayOperate();
  const words = t.tenants;
  return [
    {
      label: words.name,
      cell: ({ metadata: { name }, spec }) => (
        <>
          {may("tenants:get") ? (
            <LinkText to="/tenants/$name" params={{ name }} size="sm" fw={560} c="inherit">
              {spec.displayName}
            </LinkText>
          ) : (
            spec.displayName
          )}
          <Text size="xs" c="dimmed" className={classes.code}>
            {name}
          </Text>
        </>
      ),
    },
    { label: words.state, cell: ({ status }) => <State state={status.state} /> },
    {
      label: words.address,
      cell: ({ status }) => (
        <Anchor href={status.url} target="_blank" rel="noreferrer" size="sm" style={{ overflowWrap: "anywhere" }}>
          {status.url}
        </Anchor>
      ),
    },
    { label: words.founded, cell: ({ metadata }) => <Moment at={metadata.creationTimestamp} /> },
  ];
}

function All() {
  const { t, format } = useSpeech();
  const words = t.tenants;
  const may = useMayOperate();
  const search = useSearch({ from: "/inside/tenants" });
  const navigate = useNavigate({ from: "/tenants" });
  const go = (change: Partial<TenantsSearch>, replace = false) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace });
  const list = useQuery(tenantsQuery(searchAsked(search)));
  const columns = useColumns();
  return (
    <Page
      title={t.shell.tenants}
      hint={words.hint}
      actions={
        may("tenants:create") && (
          <Button leftSection={<IconPlus size={18} aria-hidden />} onClick={() => go({ create: "1" })}>
            {words.found}
          </Button>
        )
      }
    >
      <StateFilters
        label={words.search}
        states={TENANT_STATES}
        names={words.states}
        search={search}
        onChange={(change) => go({ ...change, page: undefined }, true)}
      />
      <Text size="sm" c="dimmed" mb="xs" role="status">
        {list.isSuccess && words.total(list.data.total, format.number(list.data.total))}
      </Text>
      <Listing
        label={words.table}
        list={list}
        columns={columns}
        search={search}
        onOpen={
          may("tenants:get") ? ({ metadata: { name } }) => void navigate({ to: "/tenants/$name", params: { name } }) : undefined
        }
        onPage={(change) => go(change)}
        empty={
          <Empty
            icon={<IconBuildingCommunity />}
            title={isFiltered(search) ? words.none : words.empty}
            hint={isFiltered(search) ? words.noneHint : words.emptyHint}
          />
        }
      />
      {may("tenants:create") && <FoundTenant opened={search.create !== undefined} onClose={() => go({ create: undefined }, true)} />}
    </Page>
  );
}

/** The tenants of the instance. */
export function Tenants() {
  const may = useMayOperate();
  return (
    <Guarded allowed={may("tenants:list")}>
      <All />
    </Guarded>
  );
}
