import { Alert, Button, Group, Progress as Bar, Select, Stack, Table, Text, TextInput } from "@mantine/core";
import { IconAlertTriangle, IconCheck } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, body } from "../api/client";
import { refusedQuery, userBatchQuery } from "../api/queries";
import type { UserBatch, UserBatchFilter } from "../api/types";
import { useSpeech } from "../i18n";
import { Modal } from "../parts/dialog";
import { LinkText } from "../parts/link";
import { Facts } from "../parts/page";
import { ProblemAlert } from "../parts/problem";
import { useGrantable } from "../parts/role-select";
import { useMay, useUserChanged } from "../shell/session";
import type { BatchKind } from "./bulk";

const ACTS = {
  enable: "enable",
  disable: "disable",
  grant: "grant-role",
  revoke: "revoke-role",
  signOut: "end-sessions",
  delete: "delete",
} as const;

const isOpen = ({ status }: UserBatch) => status.phase === "PENDING" || status.phase === "RUNNING";

/** Whom it was refused for, as far as anybody reads it here. */
function Refused({ of }: { of: UserBatch }) {
  const { t, format } = useSpeech();
  const words = t.batches;
  const list = useQuery(refusedQuery(of.metadata.name));
  if (list.data === undefined) return list.isError ? <ProblemAlert error={list.error} /> : null;
  const { items, total } = list.data;
  return (
    <Stack gap="xs">
      <Table.ScrollContainer minWidth={0} mah={240} type="native">
        <Table aria-label={words.rejections} verticalSpacing={4}>
          <Table.Thead>
            <Table.Tr>
              {[words.name, words.why].map((head) => (
                <Table.Th key={head} scope="col">
                  {head}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {items.map(({ number, name, message }) => (
              <Table.Tr key={number}>
                <Table.Td>
                  <LinkText to="/users/$name" params={{ name }} size="sm">
                    {name}
                  </LinkText>
                </Table.Td>
                <Table.Td>{message}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {total > items.length && (
        <Text size="xs" c="dimmed">
          {words.more(format.number(total - items.length))}
        </Text>
      )}
    </Stack>
  );
}

/** How far it is, or what came of it. */
function Course({ of }: { of: UserBatch }) {
  const { t, format } = useSpeech();
  const words = t.batches;
  const { users, done, unchanged, rejected, left, failureMessage, phase } = of.status;
  const { dryRun } = of.spec;
  const turns = words.progress(format.number(users - left), format.number(users));
  const going = isOpen(of);
  return (
    <Stack gap="sm">
      <div role="status">
        {going && <Text size="sm">{dryRun ? `${words.checking}: ${turns}` : turns}</Text>}
        {phase === "SUCCEEDED" && dryRun && <Text size="sm">{words.checked}</Text>}
        {phase === "SUCCEEDED" && !dryRun && (
          <Alert color={rejected === 0 ? "teal" : "yellow"} icon={rejected === 0 ? <IconCheck aria-hidden /> : <IconAlertTriangle aria-hidden />}>
            {words.done}
          </Alert>
        )}
        {phase === "CANCELLED" && <Alert color="yellow" title={words.stopped}>{!dryRun && words.kept}</Alert>}
        {phase === "FAILED" && (
          <Alert color="red" title={words.failed}>
            {failureMessage} {!dryRun && words.kept}
          </Alert>
        )}
      </div>
      {going && <Bar value={users === 0 ? 100 : (100 * (users - left)) / users} aria-label={turns} />}
      <Facts
        facts={[
          [words.match, format.number(users)],
          [dryRun ? words.wouldChange : words.changed, format.number(done)],
          [words.unchanged, format.number(unchanged)],
          [words.rejected, format.number(rejected)],
        ]}
      />
      {!going && rejected > 0 && <Refused of={of} />}
    </Stack>
  );
}

/** The act that is going on, or was last, and the ways to begin and to end it. */
function useBatch(kind: BatchKind, filter: UserBatchFilter, role: string | null) {
  const client = useQueryClient();
  const changed = useUserChanged();
  const [name, setName] = useState<string>();
  const begin = useMutation({
    mutationFn: (dryRun: boolean) =>
      body(api.POST("/user-batches", { body: { spec: { act: ACTS[kind], role: role ?? undefined, dryRun, filter } } })),
    onSuccess: (made) => {
      client.setQueryData(userBatchQuery(made.metadata.name).queryKey, made);
      setName(made.metadata.name);
    },
  });
  const watched = useQuery({
    ...userBatchQuery(name ?? ""),
    enabled: name !== undefined,
    refetchInterval: ({ state }) => {
      if (state.data !== undefined && !isOpen(state.data)) {
        if (!state.data.spec.dryRun) void changed();
        return false;
      }
      return 500;
    },
  });
  const stop = useMutation({
    mutationFn: () => body(api.POST("/user-batches/{name}/cancel", { params: { path: { name: name ?? "" } } })),
    onSuccess: async (stopped) => {
      client.setQueryData(userBatchQuery(stopped.metadata.name).queryKey, stopped);
      await changed();
    },
  });
  const now = name === undefined ? undefined : watched.data;
  const forget = () => {
    setName(undefined);
    begin.reset();
  };
  return { begin, stop, now, going: begin.isPending || (now !== undefined && isOpen(now)), forget };
}

interface Asked {
  kind: BatchKind;
  filter: UserBatchFilter;
}

function Form({ kind, filter, onClose, onDone }: Asked & { onClose: () => void; onDone: () => void }) {
  const { t, format } = useSpeech();
  const words = t.batches;
  const may = useMay();
  const roles = useGrantable();
  const [role, setRole] = useState<string | null>(null);
  const [typed, setTyped] = useState("");
  const { begin, stop, now, going, forget } = useBatch(kind, filter, role);
  const ofRole = kind === "grant" || kind === "revoke";
  const ended = now !== undefined && !going;
  const checked = ended && now.spec.dryRun && now.status.phase === "SUCCEEDED";
  const over = ended && (!now.spec.dryRun || now.status.phase === "CANCELLED");
  const count = now?.status.done ?? 0;
  const ready = checked && count > 0 && (kind !== "delete" || typed.trim() === String(count));
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (ready) begin.mutate(false);
        else if (!checked && !going && !over && (!ofRole || role !== null)) begin.mutate(true);
      }}
    >
      <Stack>
        {ofRole && !over && (
          <Select
            label={words.role}
            data={roles}
            value={role}
            disabled={going}
            onChange={(value) => {
              setRole(value);
              forget();
            }}
            searchable
            data-autofocus
          />
        )}
        {now !== undefined && <Course of={now} />}
        {checked && count > 0 && <Text size="sm">{words.what[kind](count, format.number(count))}</Text>}
        {checked && count > 0 && kind === "delete" && (
          <TextInput
            label={t.common.typeToConfirm(String(count))}
            autoComplete="off"
            inputMode="numeric"
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
        )}
        {begin.isError && <ProblemAlert error={begin.error} />}
        {stop.isError && <ProblemAlert error={stop.error} />}
        <Group justify="flex-end">
          {over && <Button onClick={onDone}>{t.common.done}</Button>}
          {!over && going && now !== undefined && may("user-batches:cancel") && (
            <Button variant="default" loading={stop.isPending} onClick={() => stop.mutate()}>
              {t.bulk.stop}
            </Button>
          )}
          {!over && !going && (
            <Button variant="default" onClick={onClose}>
              {t.common.cancel}
            </Button>
          )}
          {!over && (
            <Button
              type="submit"
              loading={going}
              disabled={checked ? !ready : ofRole && role === null}
              color={checked && (kind === "delete" || kind === "disable") ? "red.8" : undefined}
            >
              {checked ? t.bulk.acts[kind] : words.check}
            </Button>
          )}
        </Group>
      </Stack>
    </form>
  );
}

/** Does something to everybody whom the list has: tried out first, and then done by the server. */
export function BatchDialog({ kind, filter, onClose, onDone }: Partial<Asked> & { onClose: () => void; onDone: () => void }) {
  const { t } = useSpeech();
  return (
    <Modal
      opened={kind !== undefined}
      onClose={onClose}
      size="lg"
      title={kind === undefined ? "" : t.bulk.acts[kind]}
      // Long work ends by its own button, and its report must not be lost by a click beside it.
      closeOnClickOutside={false}
      closeOnEscape={false}
      withCloseButton={false}
    >
      {kind !== undefined && filter !== undefined && <Form kind={kind} filter={filter} onClose={onClose} onDone={onDone} />}
    </Modal>
  );
}
