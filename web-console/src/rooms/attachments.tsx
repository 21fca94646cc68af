import { Box, Card, Group, Image, SegmentedControl, NativeSelect, SimpleGrid, Text } from "@mantine/core";
import { IconFile, IconFileText, IconFileZip, IconPaperclip } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { attachmentsQuery, attachmentUsageQuery } from "../api/queries";
import type { Attachment } from "../api/types";
import { useSpeech } from "../i18n";
import { Empty } from "../parts/empty";
import { LinkText } from "../parts/link";
import { Listing, type Column } from "../parts/listing";
import { Moment } from "../parts/moment";
import { Page } from "../parts/page";
import { Paging } from "../parts/paging";
import classes from "../parts/parts.module.css";
import { Search } from "../parts/search";
import { Usage } from "../parts/usage";
import { Guarded } from "../parts/whole-page";
import { useMay } from "../shell/session";
import { DEFAULT_SIZE } from "../url";
import { useBytes } from "./attachments/bytes";
import { Details } from "./attachments/details";
import { Groups } from "./attachments/groups";
import { Uploads } from "./attachments/upload";
import { attachmentsAsked, isFiltered, KINDS, pathOf, UNGROUPED, type AttachmentsSearch, type Kind } from "./attachments-search";

/** How much of its room the tenant has taken. */
function Room() {
  const { t } = useSpeech();
  const words = t.attachments;
  const size = useBytes();
  const usage = useQuery(attachmentUsageQuery);
  if (usage.data === undefined) return null;
  const { usedBytes, maxTotalBytes } = usage.data;
  return (
    <Box maw={420}>
      <Usage
        label={words.usedLabel}
        text={words.used(size(usedBytes), size(maxTotalBytes))}
        used={usedBytes}
        most={maxTotalBytes}
        nearlyFull={words.nearlyFull}
      />
    </Box>
  );
}

function Face({ file }: { file: Attachment }) {
  const may = useMay();
  const { spec, status } = file;
  const small = status.thumbnails.S;
  if (small !== undefined && (spec.visibility === "public" || may("attachments/content:get"))) {
    return <Image src={pathOf(small)} alt="" h={120} fit="contain" loading="lazy" />;
  }
  const Icon = spec.mediaType.startsWith("text/") ? IconFileText : spec.mediaType === "application/zip" ? IconFileZip : IconFile;
  return (
    <Group h={120} justify="center">
      <Icon size={48} stroke={1.2} aria-hidden />
    </Group>
  );
}

function Tiles({ items }: { items: Attachment[] }) {
  const { t } = useSpeech();
  const size = useBytes();
  return (
    <SimpleGrid component="ul" cols={{ base: 2, sm: 3, lg: 5 }} p="md" m={0} style={{ listStyle: "none" }} aria-label={t.attachments.table}>
      {items.map((file) => (
        <li key={file.metadata.name}>
          <Card withBorder padding="xs">
            <Face file={file} />
            <LinkText to="/attachments" search={(before) => ({ ...before, file: file.metadata.name })} size="sm" fw={560} c="inherit" style={{ overflowWrap: "anywhere" }}>
              {file.spec.displayName}
            </LinkText>
            <Text size="xs" c="dimmed">
              {size(file.spec.size)}
            </Text>
          </Card>
        </li>
      ))}
    </SimpleGrid>
  );
}

function useColumns(): Column<Attachment>[] {
  const { t } = useSpeech();
  const words = t.attachments;
  const size = useBytes();
  return [
    {
      label: words.name,
      cell: ({ metadata, spec }) => (
        <LinkText to="/attachments" search={(before) => ({ ...before, file: metadata.name })} size="sm" fw={560} c="inherit">
          {spec.displayName}
        </LinkText>
      ),
    },
    { label: words.type, cell: ({ spec }) => spec.mediaType },
    { label: words.size, cell: ({ spec }) => size(spec.size) },
    { label: words.owner, cell: ({ spec }) => spec.ownerName ?? words.nobody },
    { label: words.uploadedAt, cell: ({ metadata }) => <Moment at={metadata.creationTimestamp} /> },
  ];
}

function Files({ search, change }: { search: AttachmentsSearch; change: (change: AttachmentsSearch) => Promise<void> }) {
  const { t } = useSpeech();
  const words = t.attachments;
  const columns = useColumns();
  const files = useQuery(attachmentsQuery(attachmentsAsked(search)));
  const empty = isFiltered(search) ? (
    <Empty icon={<IconPaperclip />} title={words.none} hint={words.noneHint} />
  ) : (
    <Empty icon={<IconPaperclip />} title={words.empty} hint={words.emptyHint} />
  );
  const items = files.data?.items ?? [];
  if (search.view === "list" || items.length === 0) {
    return <Listing label={words.table} list={files} columns={columns} search={search} empty={empty} onPage={change} />;
  }
  return (
    <div className={classes.surface}>
      <Tiles items={items} />
      <Paging
        page={search.page ?? 1}
        size={search.size ?? DEFAULT_SIZE}
        total={files.data?.total ?? 0}
        exact={files.data?.totalIsExact}
        onPage={(page) => change({ page: page === 1 ? undefined : page })}
        onSize={(size) => change({ page: undefined, size: size === DEFAULT_SIZE ? undefined : size })}
      />
    </div>
  );
}

function Filters({ search, change }: { search: AttachmentsSearch; change: (change: AttachmentsSearch) => Promise<void> }) {
  const { t } = useSpeech();
  const words = t.attachments;
  const kinds = (Object.keys(KINDS) as Kind[]).map((kind) => ({ value: kind, label: words[kind] }));
  return (
    <Group gap="sm">
      <Search label={words.search} value={search.q ?? ""} onSearch={(q) => change({ q: q === "" ? undefined : q, page: undefined })} />
      <NativeSelect
        aria-label={words.kinds}
        value={search.kind ?? ""}
        data={[{ value: "", label: words.everyKind }, ...kinds]}
        onChange={(event) => change({ kind: kinds.find(({ value }) => value === event.currentTarget.value)?.value, page: undefined })}
      />
      <Groups value={search.group} onChoose={(group) => change({ group, page: undefined })} />
      <SegmentedControl
        aria-label={words.view}
        value={search.view ?? "grid"}
        data={[
          { value: "grid", label: words.grid },
          { value: "list", label: words.list },
        ]}
        onChange={(view) => change({ view: view === "list" ? "list" : undefined })}
      />
    </Group>
  );
}

/** Files that the tenant keeps. */
export function Attachments() {
  const { t } = useSpeech();
  const may = useMay();
  const search = useSearch({ from: "/inside/attachments" });
  const navigate = useNavigate({ from: "/attachments" });
  const change = (next: AttachmentsSearch) => navigate({ search: (before) => ({ ...before, ...next }), replace: true });
  return (
    <Guarded allowed={may("attachments:list")}>
      <Page title={t.shell.attachments} hint={t.attachments.hint}>
        <Uploads group={search.group === UNGROUPED ? undefined : search.group}>
          <Room />
          <Filters search={search} change={change} />
          <Files search={search} change={change} />
        </Uploads>
        <Details name={search.file} onClose={() => change({ file: undefined })} />
      </Page>
    </Guarded>
  );
}
