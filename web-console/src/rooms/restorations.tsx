import { Badge, Stack, Text, Title } from "@mantine/core";
import { IconRestore } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, body } from "../api/client";
import { tenantQuery } from "../api/first-queries";
import { restorationsQuery } from "../api/queries";
import type { Restoration } from "../api/types";
import { useSpeech } from "../i18n";
import { ConfirmedAct } from "../parts/confirm";
import { Empty } from "../parts/empty";
import { Listing, type Column } from "../parts/listing";
import { Moment, When } from "../parts/moment";
import { useMay } from "../shell/session";
import type { Paging } from "../url";
import { pageAsked } from "./applications-search";

type Phase = Restoration["status"]["phase"];
/** One that was to be done has a name. */
type Done = Restoration & { metadata: NonNullable<Restoration["metadata"]> };

const COLOURS: Record<Phase, string> = { REPORTED: "gray", SUCCEEDED: "teal", FAILED: "red", UNDONE: "gray" };

function State({ restoration }: { restoration: Done }) {
  const { t } = useSpeech();
  const words = t.backups.restores;
  const { phase, failureCode, undoneBy, undoneTimestamp } = restoration.status;
  return (
    <Stack gap={2}>
      <Badge color={COLOURS[phase]}>{words.phases[phase]}</Badge>
      {failureCode !== undefined && (
        <Text size="xs" c="dimmed">
          {words.refused(failureCode)}
        </Text>
      )}
      {undoneBy !== undefined && (
        <Text size="xs" c="dimmed">
          {words.undoneBy(undoneBy)}
        </Text>
      )}
      {undoneTimestamp !== undefined && <Moment at={undoneTimestamp} />}
    </Stack>
  );
}

/** Undoes a restore once the tenant's name is typed: nobody may be signed in any more then, so the page begins anew. */
function Undo({ restoration }: { restoration: Done }) {
  const { t } = useSpeech();
  const words = t.backups.restores;
  const may = useMay();
  const { data: tenant } = useQuery(tenantQuery);
  const { undoUntil } = restoration.status;
  if (undoUntil === undefined || !may("restorations:undo")) return null;
  const path = { name: restoration.metadata.name };
  return (
    <Stack gap={2} align="flex-end">
      <ConfirmedAct
        label={words.undo}
        title={words.undoOf(restoration.spec.filename)}
        what={words.undoWhat}
        expected={tenant?.name}
        act={() => body(api.POST("/restorations/{name}/undo", { params: { path }, body: { keepSessions: false } }))}
        done={words.undone}
        onDone={() => window.location.reload()}
        size="compact-sm"
      />
      <Text size="xs" c="dimmed" component="div">
        {words.until} <When at={undoUntil} />
      </Text>
    </Stack>
  );
}

function useColumns(): Column<Done>[] {
  const { t } = useSpeech();
  const words = t.backups.restores;
  return [
    {
      label: words.file,
      cell: ({ spec }) => (
        <Text size="sm" fw={560} style={{ overflowWrap: "anywhere" }}>
          {spec.filename}
        </Text>
      ),
    },
    { label: words.state, cell: (restoration) => <State restoration={restoration} /> },
    { label: words.actor, cell: ({ status }) => status.actor ?? words.operator },
    { label: words.at, cell: ({ metadata }) => <Moment at={metadata.creationTimestamp} /> },
    { label: words.asOf, cell: ({ spec }) => (spec.snapshotAt === undefined ? "–" : <Moment at={spec.snapshotAt} />) },
    { label: words.acts, cell: (restoration) => <Undo restoration={restoration} /> },
  ];
}

/** Restores that were done and refused, the last of which can be undone. */
export function Restorations() {
  const { t } = useSpeech();
  const words = t.backups.restores;
  const [search, setSearch] = useState<Paging>({});
  const columns = useColumns();
  const list = useQuery({
    ...restorationsQuery(pageAsked(search, {})),
    select: (page) => ({ ...page, items: page.items.filter((item): item is Done => item.metadata !== undefined) }),
  });
  return (
    <>
      <Title order={2} size="h4">
        {words.title}
      </Title>
      <Listing
        label={words.title}
        list={list}
        columns={columns}
        search={search}
        onPage={(change) => setSearch((before) => ({ ...before, ...change }))}
        empty={<Empty icon={<IconRestore />} title={words.empty} hint={words.emptyHint} />}
      />
    </>
  );
}
