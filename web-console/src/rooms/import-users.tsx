import { Alert, Badge, Button, FileButton, Group, NativeSelect, Stack, Table, Text, Textarea } from "@mantine/core";
import { IconFileImport } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, body } from "../api/client";
import { rejectionsQuery, userImportQuery } from "../api/queries";
import type { UserImport } from "../api/types";
import { useSpeech } from "../i18n";
import { Modal } from "../parts/dialog";
import { Facts } from "../parts/page";
import { ProblemAlert } from "../parts/problem";

const FORMATS = ["csv", "jsonl", "keycloak", "auth0", "firebase", "halo"] as const;
type Format = (typeof FORMATS)[number];

/** What is imported, and how. */
interface Asked {
  file: File;
  format: Format;
  hashConfig: string;
}

/** What the name of a file tells of it. */
const formatOf = (name: string): Format => (/\.(jsonl|ndjson)$/i.test(name) ? "jsonl" : /\.json$/i.test(name) ? "keycloak" : "csv");

const isOpen = ({ status }: UserImport) => status.phase === "PENDING" || status.phase === "RUNNING";

function send({ file, format, hashConfig }: Asked, dryRun: boolean): Promise<UserImport> {
  const form = new FormData();
  form.set("format", format);
  form.set("dryRun", String(dryRun));
  if (format === "firebase" && hashConfig.trim() !== "") form.set("hashConfig", hashConfig);
  form.set("file", file);
  return body(api.POST("/user-imports", { body: { file: "" }, bodySerializer: () => form }));
}

/** What is wrong with the file, as far as anybody reads it here. */
function Rejections({ of }: { of: UserImport }) {
  const { t, format } = useSpeech();
  const words = t.imports;
  const list = useQuery(rejectionsQuery(of.metadata.name));
  if (list.data === undefined) return list.isError ? <ProblemAlert error={list.error} /> : null;
  const { items, total } = list.data;
  return (
    <Stack gap="xs">
      <Table.ScrollContainer minWidth={0} mah={280} type="native">
        <Table aria-label={words.rejections} verticalSpacing={4}>
          <Table.Thead>
            <Table.Tr>
              {[words.row, words.name, words.field, words.why].map((head) => (
                <Table.Th key={head} scope="col">
                  {head}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {items.map((wrong) => (
              <Table.Tr key={`${wrong.row} ${wrong.field ?? ""} ${wrong.code}`}>
                <Table.Td>{format.number(wrong.row)}</Table.Td>
                <Table.Td>{wrong.name}</Table.Td>
                <Table.Td>{wrong.field}</Table.Td>
                <Table.Td>{wrong.message}</Table.Td>
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

/** How far an import is, or what came of it. */
function Progress({ of }: { of: UserImport }) {
  const { t, format } = useSpeech();
  const words = t.imports;
  const { rows, created, unchanged, rejected, failureMessage, phase } = of.status;
  const { dryRun } = of.spec;
  return (
    <Stack gap="sm">
      <div role="status">
        {isOpen(of) && (
          <Badge color="petrol">
            {dryRun ? words.checking : words.importing} · {words.rows(rows, format.number(rows))}
          </Badge>
        )}
        {phase === "SUCCEEDED" && <Text size="sm">{dryRun ? words.checked : words.done}</Text>}
        {phase === "FAILED" && (
          <Alert color="red" title={words.failed}>
            {failureMessage} {!dryRun && words.kept}
          </Alert>
        )}
      </div>
      <Facts
        facts={[
          [dryRun ? words.wouldCreate : words.created, format.number(created)],
          [words.unchanged, format.number(unchanged)],
          [words.rejected, format.number(rejected)],
        ]}
      />
      {!isOpen(of) && rejected > 0 && <Rejections of={of} />}
    </Stack>
  );
}

function Form({ onClose }: { onClose: () => void }) {
  const { t } = useSpeech();
  const words = t.imports;
  const client = useQueryClient();
  const [file, setFile] = useState<File | null>(null);
  const [format, setFormat] = useState<Format>("csv");
  const [hashConfig, setHashConfig] = useState("");
  const [name, setName] = useState<string>();
  const begin = useMutation({
    mutationFn: ({ dryRun, ...asked }: Asked & { dryRun: boolean }) => send(asked, dryRun),
    onSuccess: (made) => {
      client.setQueryData(userImportQuery(made.metadata.name).queryKey, made);
      setName(made.metadata.name);
    },
  });
  const watched = useQuery({
    ...userImportQuery(name ?? ""),
    enabled: name !== undefined,
    refetchInterval: ({ state }) => {
      if (state.data !== undefined && !isOpen(state.data)) {
        void client.invalidateQueries({ queryKey: ["users"] });
        return false;
      }
      return 1000;
    },
  });
  const now = name === undefined ? undefined : watched.data;
  const going = begin.isPending || (now !== undefined && isOpen(now));
  const checked = now !== undefined && now.spec.dryRun && now.status.phase === "SUCCEEDED";
  /** Another file has to be checked anew. */
  const change = <T,>(set: (value: T) => void) => (value: T) => {
    set(value);
    setName(undefined);
    begin.reset();
  };
  const take = change((chosen: File | null) => {
    setFile(chosen);
    if (chosen !== null) setFormat(formatOf(chosen.name));
  });
  const start = (dryRun: boolean) => file !== null && begin.mutate({ file, format, hashConfig, dryRun });
  return (
    <Stack>
      <Text size="sm">{words.hint}</Text>
      <Group gap="sm">
        <FileButton onChange={take} accept=".csv,.tsv,.json,.jsonl,.ndjson,text/csv,application/json" disabled={going} inputProps={{ "aria-label": words.file }}>
          {(props) => (
            <Button {...props} variant="default" leftSection={<IconFileImport size={18} aria-hidden />}>
              {words.choose}
            </Button>
          )}
        </FileButton>
        <Text size="sm" c={file === null ? "dimmed" : undefined} style={{ overflowWrap: "anywhere" }}>
          {file?.name ?? words.none}
        </Text>
      </Group>
      <NativeSelect
        label={words.format}
        data={FORMATS.map((value) => ({ value, label: words.formats[value] }))}
        value={format}
        disabled={going}
        onChange={(event) => change(setFormat)(event.currentTarget.value as Format)}
      />
      {format === "firebase" && (
        <Textarea
          label={words.hashConfig}
          description={words.hashConfigHint}
          autosize
          minRows={3}
          maxRows={8}
          value={hashConfig}
          disabled={going}
          onChange={(event) => change(setHashConfig)(event.currentTarget.value)}
        />
      )}
      {begin.isError && <ProblemAlert error={begin.error} />}
      {begin.isPending && (
        <Text size="sm" role="status">
          {words.sending}
        </Text>
      )}
      {now !== undefined && !begin.isPending && <Progress of={now} />}
      <Group justify="flex-end" mt="xs">
        <Button variant="default" onClick={onClose}>
          {t.common.close}
        </Button>
        {checked && now.status.created > 0 ? (
          <Button loading={going} onClick={() => start(false)}>
            {words.act}
          </Button>
        ) : (
          <Button disabled={file === null} loading={going} onClick={() => start(true)}>
            {now === undefined ? words.check : words.again}
          </Button>
        )}
      </Group>
    </Stack>
  );
}

/** Has the users of a file added: it is checked first, and then imported. */
export function ImportUsers({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useSpeech();
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      size="lg"
      title={t.imports.title}
      closeOnClickOutside={false}
      closeButtonProps={{ "aria-label": t.common.close }}
    >
      <Form onClose={onClose} />
    </Modal>
  );
}
