import { Alert, Badge, Button, Checkbox, Group, Skeleton, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { IconAlertTriangle, IconArchive, IconDownload, IconRestore } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useSearch, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api, body } from "../api/client";
import { problemOf } from "../api/problem";
import { tenantQuery } from "../api/first-queries";
import { backupsQuery } from "../api/queries";
import type { Backup, Restoration } from "../api/types";
import { apiPath } from "../base";
import { useSpeech } from "../i18n";
import { ConfirmedAct, ConfirmForm } from "../parts/confirm";
import { Modal } from "../parts/dialog";
import { Empty } from "../parts/empty";
import { Listing, type Column } from "../parts/listing";
import { Moment } from "../parts/moment";
import { Facts, Page } from "../parts/page";
import { ProblemAlert } from "../parts/problem";
import { Guarded } from "../parts/whole-page";
import { useMay } from "../shell/session";
import { pageAsked } from "./applications-search";
import { useBytes } from "./attachments/bytes";
import { Restorations } from "./restorations";

type Phase = Backup["status"]["phase"];

const COLOURS: Record<Phase, string> = { PENDING: "gray", RUNNING: "petrol", SUCCEEDED: "teal", FAILED: "red" };

/** Whether something is going on, so that the list is worth another look. */
const isOpen = ({ status }: Backup) => status.phase === "PENDING" || status.phase === "RUNNING";

function State({ backup }: { backup: Backup }) {
  const { t, format } = useSpeech();
  const { phase, progress, failureMessage, readTimestamp, damage } = backup.status;
  return (
    <Stack gap={2}>
      <Badge color={COLOURS[phase]}>{t.backups.phases[phase]}</Badge>
      {phase === "RUNNING" && (
        <Text size="xs" c="dimmed">
          {t.backups.written(format.number(progress.done), progress.step)}
        </Text>
      )}
      {failureMessage !== undefined && (
        <Text size="xs" c="dimmed">
          {failureMessage}
        </Text>
      )}
      {damage !== undefined && (
        <Text size="xs" fw={560}>
          {t.backups.damaged(damage)}
        </Text>
      )}
      {damage === undefined && readTimestamp !== undefined && (
        <Text size="xs" c="dimmed" component="div">
          {t.backups.readBack} <Moment at={readTimestamp} />
        </Text>
      )}
    </Stack>
  );
}

/** Asks for the first byte, so that a refusal is told here and not on a page of its own, and has the browser fetch all. */
function Download({ backup }: { backup: Backup }) {
  const { t } = useSpeech();
  const { filename } = backup.status;
  const path = { name: backup.metadata.name, filename };
  const download = useMutation({
    mutationFn: () =>
      body(api.GET("/backups/{name}/files/{filename}", { params: { path }, headers: { Range: "bytes=0-0" }, parseAs: "blob" })),
    onSuccess: () => window.location.assign(`${apiPath(document.baseURI)}/backups/${path.name}/files/${encodeURIComponent(filename)}`),
    onError: (error) => notifications.show({ color: "red", title: t.problem.title, message: problemOf(error).detail }),
  });
  return (
    <Button
      size="compact-sm"
      variant="default"
      leftSection={<IconDownload size={14} aria-hidden />}
      loading={download.isPending}
      onClick={() => download.mutate()}
    >
      {t.backups.download}
    </Button>
  );
}

type Report = NonNullable<Restoration["status"]["report"]>;

/** Names, as far as they are listed. */
function Listed({ of }: { of: Report["gainers"] }) {
  const { t, format } = useSpeech();
  if (of.count === 0) return <>{t.backups.nobody}</>;
  const names = of.names.join(", ");
  return <>{of.count > of.names.length ? t.backups.andMore(names, format.number(of.count - of.names.length)) : names}</>;
}

/** What would go and what would come. */
function Reported({ report }: { report: Report }) {
  const { t, format } = useSpeech();
  const changed = report.tables.filter(({ now, then }) => now !== then);
  return (
    <Facts
      facts={[
        [t.backups.added, <Listed key="added" of={report.usersAdded} />],
        [t.backups.gone, <Listed key="gone" of={report.usersRemoved} />],
        [t.backups.gainers, <Listed key="gainers" of={report.gainers} />],
        [t.backups.since, format.number(report.eventsSince)],
        [
          t.backups.tables,
          changed.length === 0
            ? t.backups.sameCounts
            : changed.map(({ name, now, then }) => `${name} ${format.number(now)} → ${format.number(then)}`).join(", "),
        ],
      ]}
    />
  );
}

function formOf(fields: Record<string, string>): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  return form;
}

/** Restores a backup that the server keeps, or asks what that would do. */
function restoration(backup: Backup, how: { dryRun: boolean; keepSessions: boolean }): Promise<Restoration> {
  const fields = {
    backupName: backup.metadata.name,
    dryRun: String(how.dryRun),
    keepSessions: String(how.keepSessions),
  };
  const asked = api.POST("/restorations", { body: fields, bodySerializer: () => formOf(fields) });
  // Only Halo's clients are answered in words.
  return body(asked) as Promise<Restoration>;
}

/** Shows what a restore would do, and does it once the tenant's name is typed. */
function Restore({ backup }: { backup: Backup }) {
  const { t } = useSpeech();
  const words = t.backups;
  const { data: tenant } = useQuery(tenantQuery);
  const [opened, { open, close }] = useDisclosure(false);
  const [keepSessions, setKeepSessions] = useState(false);
  const look = useMutation({ mutationFn: () => restoration(backup, { dryRun: true, keepSessions: false }) });
  const restore = useMutation({
    mutationFn: () => restoration(backup, { dryRun: false, keepSessions }),
    // Nobody may be signed in any more: the page begins anew.
    onSuccess: () => window.location.reload(),
  });
  const report = look.data?.status.report;
  return (
    <>
      <Button
        size="compact-sm"
        variant="default"
        leftSection={<IconRestore size={14} aria-hidden />}
        onClick={() => {
          restore.reset();
          look.mutate();
          open();
        }}
      >
        {words.restore}
      </Button>
      <Modal opened={opened} onClose={close} size="lg" title={words.restoreOf(backup.status.filename)} closeButtonProps={{ "aria-label": t.common.close }}>
        {report === undefined ? (
          look.isError ? (
            <ProblemAlert error={look.error} onRetry={() => look.mutate()} />
          ) : (
            <Skeleton height={160} radius="lg" role="status" aria-label={words.looking} />
          )
        ) : (
          <ConfirmForm
            label={words.restore}
            expected={tenant?.name}
            pending={restore.isPending}
            error={restore.error ?? undefined}
            onConfirm={() => restore.mutate()}
            onClose={close}
            what={
              <Stack>
                <Alert color="red" icon={<IconAlertTriangle aria-hidden />} title={words.restoreWarning}>
                  {words.restoreWhat}
                </Alert>
                <Reported report={report} />
                <Checkbox
                  label={words.keepSessions}
                  description={words.keepSessionsHint}
                  checked={keepSessions}
                  onChange={(event) => setKeepSessions(event.currentTarget.checked)}
                />
              </Stack>
            }
          />
        )}
      </Modal>
    </>
  );
}

function Acts({ backup }: { backup: Backup }) {
  const { t } = useSpeech();
  const may = useMay();
  const client = useQueryClient();
  const { name } = backup.metadata;
  const { filename } = backup.status;
  return (
    <Group gap="xs" wrap="nowrap" justify="flex-end">
      {backup.status.phase === "SUCCEEDED" && may("backups/files:get") && <Download backup={backup} />}
      {backup.status.phase === "SUCCEEDED" && may("restorations:create") && <Restore backup={backup} />}
      {may("backups:delete") && (
        <ConfirmedAct
          label={t.backups.remove}
          title={t.backups.removeOf(filename)}
          what={t.backups.removeWhat(filename)}
          act={() => body(api.DELETE("/backups/{name}", { params: { path: { name } } }))}
          done={t.backups.removed(filename)}
          onDone={() => client.invalidateQueries({ queryKey: ["backups"] })}
          size="compact-sm"
        />
      )}
    </Group>
  );
}

function useColumns(): Column<Backup>[] {
  const { t, format } = useSpeech();
  const bytes = useBytes();
  return [
    {
      label: t.backups.file,
      cell: ({ spec, status }) => (
        <>
          <Text size="sm" fw={560} style={{ overflowWrap: "anywhere" }}>
            {status.filename}
          </Text>
          {spec.scheduled && (
            <Text size="xs" c="dimmed">
              {t.backups.byItself}
            </Text>
          )}
          {spec.beforeRestore && (
            <Text size="xs" c="dimmed">
              {t.backups.beforeRestore}
            </Text>
          )}
        </>
      ),
    },
    { label: t.backups.state, cell: (backup) => <State backup={backup} /> },
    { label: t.backups.made, cell: ({ metadata }) => <Moment at={metadata.creationTimestamp} /> },
    { label: t.backups.size, cell: ({ status }) => (status.size === undefined ? "–" : bytes(status.size)) },
    {
      label: t.backups.has,
      cell: ({ status }) => (status.rows === undefined ? "–" : t.backups.counts(format.number(status.rows), format.number(status.files ?? 0))),
    },
    { label: t.backups.acts, cell: (backup) => <Acts backup={backup} /> },
  ];
}

function All() {
  const { t } = useSpeech();
  const may = useMay();
  const client = useQueryClient();
  const search = useSearch({ from: "/inside/backups" });
  const navigate = useNavigate({ from: "/backups" });
  const columns = useColumns();
  const list = useQuery({
    ...backupsQuery(pageAsked(search, {})),
    refetchInterval: ({ state }) => (state.data?.items.some(isOpen) ? 2000 : false),
  });
  const make = useMutation({
    mutationFn: () => body(api.POST("/backups", { body: { spec: { includeFiles: true } } })),
    onSuccess: () => notifications.show({ color: "teal", message: t.backups.begun }),
    onSettled: () => client.invalidateQueries({ queryKey: ["backups"] }),
  });
  const button = may("backups:create") && (
    <Button leftSection={<IconArchive size={18} aria-hidden />} loading={make.isPending} onClick={() => make.mutate()}>
      {t.backups.make}
    </Button>
  );
  return (
    <Page title={t.shell.backups} hint={t.backups.hint} actions={button}>
      <Stack>
        {make.error !== null && <ProblemAlert error={make.error} />}
        <Listing
          label={t.backups.table}
          list={list}
          columns={columns}
          search={search}
          onPage={(change) => void navigate({ search: (before) => ({ ...before, ...change }) })}
          empty={<Empty icon={<IconArchive />} title={t.backups.empty} hint={t.backups.emptyHint} />}
        />
        {may("restorations:list") && <Restorations />}
      </Stack>
    </Page>
  );
}

/** The whole tenant in files, made here and kept by the server. */
export function Backups() {
  const may = useMay();
  return (
    <Guarded allowed={may("backups:list")}>
      <All />
    </Guarded>
  );
}
