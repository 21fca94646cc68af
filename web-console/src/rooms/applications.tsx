import { Badge, Button, Group, NativeSelect, Text } from "@mantine/core";
import { IconApps, IconFilterOff, IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { applicationsQuery } from "../api/queries";
import type { Application } from "../api/types";
import { useSpeech } from "../i18n";
import { Empty } from "../parts/empty";
import { LinkText } from "../parts/link";
import { Listing, type Column } from "../parts/listing";
import { Moment } from "../parts/moment";
import { Page } from "../parts/page";
import classes from "../parts/parts.module.css";
import { Search } from "../parts/search";
import { Guarded } from "../parts/whole-page";
import { useMay } from "../shell/session";
import { ORIGINS, pageAsked, PRESETS, type ApplicationsSearch } from "./applications-search";
import { CreateApplication } from "./create-application";

function useColumns(): Column<Application>[] {
  const { t } = useSpeech();
  const may = useMay();
  const words = t.applications;
  return [
    {
      label: words.name,
      cell: ({ metadata: { name }, spec }) => (
        <>
          {may("applications:get") ? (
            <LinkText to="/applications/$name" params={{ name }} size="sm" fw={560} c="inherit">
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
    { label: words.kind, cell: ({ status }) => words.presets[status.preset] },
    { label: words.origin, cell: ({ status }) => words.origins[status.origin] },
    {
      label: words.state,
      cell: ({ status }) => (
        <Badge color={status.disabled ? "red" : "teal"}>{status.disabled ? words.disabled : words.active}</Badge>
      ),
    },
    {
      label: words.lastUsed,
      cell: ({ status }) => (status.lastUsedAt === undefined ? words.never : <Moment at={status.lastUsedAt} />),
    },
    { label: words.created, cell: ({ metadata }) => <Moment at={metadata.creationTimestamp} /> },
  ];
}

function Filters({ search, onChange }: { search: ApplicationsSearch; onChange: (change: Partial<ApplicationsSearch>) => void }) {
  const { t } = useSpeech();
  const words = t.applications;
  const { q, preset, origin } = search;
  return (
    <Group gap="xs" mb="sm">
      <Search label={words.search} value={q ?? ""} onSearch={(typed) => onChange({ q: typed === "" ? undefined : typed })} />
      <NativeSelect
        aria-label={words.kind}
        value={preset ?? ""}
        data={[{ value: "", label: words.anyKind }, ...PRESETS.map((value) => ({ value, label: words.presets[value] }))]}
        onChange={({ currentTarget: { value } }) => onChange({ preset: PRESETS.find((known) => known === value) })}
        flex="1 1 140px"
        maw={220}
      />
      <NativeSelect
        aria-label={words.origin}
        value={origin ?? ""}
        data={[{ value: "", label: words.anyOrigin }, ...ORIGINS.map((value) => ({ value, label: words.origins[value] }))]}
        onChange={({ currentTarget: { value } }) => onChange({ origin: ORIGINS.find((known) => known === value) })}
        flex="1 1 140px"
        maw={220}
      />
      {[q, preset, origin].some((filter) => filter !== undefined) && (
        <Button
          variant="subtle"
          leftSection={<IconFilterOff size={16} aria-hidden />}
          onClick={() => onChange({ q: undefined, preset: undefined, origin: undefined })}
        >
          {words.clearFilters}
        </Button>
      )}
    </Group>
  );
}

function All() {
  const { t, format } = useSpeech();
  const may = useMay();
  const search = useSearch({ from: "/inside/applications" });
  const navigate = useNavigate({ from: "/applications" });
  const { q, preset, origin } = search;
  const list = useQuery(
    applicationsQuery(pageAsked(search, { "metadata.name": q, "status.preset": preset, "status.origin": origin })),
  );
  const go = (change: Partial<ApplicationsSearch>, replace = false) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace });
  const columns = useColumns();
  return (
    <Page
      title={t.applications.title}
      hint={t.applications.hint}
      actions={
        may("applications:create") && (
          <Button leftSection={<IconPlus size={18} aria-hidden />} onClick={() => go({ create: "1" })}>
            {t.applications.create}
          </Button>
        )
      }
    >
      <Filters search={search} onChange={(change) => go({ ...change, page: undefined }, true)} />
      <Text size="sm" c="dimmed" mb="xs" role="status">
        {list.isSuccess && t.applications.total(list.data.total, format.number(list.data.total))}
      </Text>
      <Listing
        label={t.applications.table}
        list={list}
        columns={columns}
        search={search}
        onOpen={
          may("applications:get")
            ? ({ metadata: { name } }) => void navigate({ to: "/applications/$name", params: { name } })
            : undefined
        }
        onPage={(change) => go(change)}
        empty={<Empty icon={<IconApps />} title={t.applications.none} hint={t.applications.noneHint} />}
      />
      {may("applications:create") && (
        <CreateApplication opened={search.create !== undefined} onClose={() => go({ create: undefined }, true)} />
      )}
    </Page>
  );
}

/** The applications of the tenant. */
export function Applications() {
  const may = useMay();
  return (
    <Guarded allowed={may("applications:list")}>
      <All />
    </Guarded>
  );
}
