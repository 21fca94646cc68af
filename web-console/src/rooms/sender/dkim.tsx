import { Alert, Badge, Button, Code, Group, Select, Skeleton, Stack, Text } from "@mantine/core";
import { IconAlertTriangle, IconCheck } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { api, body } from "../../api/client";
import { dkimKeysQuery } from "../../api/queries";
import type { DkimCheck, DkimKey, Sender } from "../../api/types";
import { useSpeech } from "../../i18n";
import { ConfirmedAct } from "../../parts/confirm";
import { DnsRecord } from "../../parts/dns-record";
import { Moment } from "../../parts/moment";
import { Facts, Panel } from "../../parts/page";
import { ProblemAlert } from "../../parts/problem";
import { useMay } from "../../shell/session";
import { SenderModal, type Dialogue } from "./modal";

const COLOURS = { next: "gray", active: "teal", retiring: "yellow", suspended: "red" } as const;

function useChanged(name: string) {
  const client = useQueryClient();
  return async () => {
    void client.invalidateQueries({ queryKey: ["audit"] });
    await client.invalidateQueries({ queryKey: dkimKeysQuery(name).queryKey });
  };
}

/** What name servers say of a domain. */
function Found({ found }: { found: DkimCheck }) {
  const { t } = useSpeech();
  const words = t.senders.dkim;
  return (
    <Stack gap="xs">
      <Alert
        color={found.matches ? "teal" : "red"}
        icon={found.matches ? <IconCheck aria-hidden /> : <IconAlertTriangle aria-hidden />}
        title={found.matches ? words.matches : words.differs}
      >
        <Stack gap={4}>
          {found.problems.map((problem) => (
            <Text size="sm" key={problem}>
              {words.problems[problem]}
            </Text>
          ))}
        </Stack>
      </Alert>
      {(["spf", "dmarc"] as const).map((kind) => {
        const record = found[kind];
        return (
          record !== undefined && (
            <Text size="sm" key={kind} style={{ overflowWrap: "anywhere" }}>
              {kind.toUpperCase()}: <Code>{record}</Code>
            </Text>
          )
        );
      })}
    </Stack>
  );
}

function Key({ sender, known }: { sender: string; known: DkimKey }) {
  const { t } = useSpeech();
  const words = t.senders.dkim;
  const may = useMay();
  const changed = useChanged(sender);
  const path = { params: { path: { name: sender, selector: known.selector } } };
  const check = useMutation({
    mutationFn: () => body(api.POST("/senders/{name}/dkim-keys/{selector}/check", path)),
    onSettled: changed,
  });
  return (
    <Panel title={known.selector} hint={`${known.domain} · ${words.algorithms[known.algorithm]}`}>
      <Stack>
        <Badge color={COLOURS[known.state]}>{words.states[known.state]}</Badge>
        <Text size="sm" c="dimmed">
          {words.stateHints[known.state]}
        </Text>
        <Facts
          facts={[
            ...(known.activatesAt === undefined
              ? []
              : ([[words.signsFrom, <Moment key="from" at={known.activatesAt} />]] as [string, ReactNode][])),
            [words.seen, known.seenAt === undefined ? t.senders.never : <Moment key="seen" at={known.seenAt} />],
          ]}
        />
        <DnsRecord name={known.record.name} value={known.record.value} />
        <div role="status">
          {check.isSuccess && <Found found={check.data} />}
          {check.isError && <ProblemAlert error={check.error} />}
        </div>
        <Group gap="xs">
          {may("senders/dkim-keys:check") && (
            <Button variant="default" loading={check.isPending} onClick={() => check.mutate()}>
              {words.check}
            </Button>
          )}
          {may("senders/dkim-keys:delete") && (
            <ConfirmedAct
              label={words.remove}
              title={words.removeTitle(known.selector)}
              what={words.removeWhat}
              act={() => body(api.DELETE("/senders/{name}/dkim-keys/{selector}", path))}
              done={words.removed(known.selector)}
              onDone={changed}
            />
          )}
        </Group>
      </Stack>
    </Panel>
  );
}

function Keys({ sender }: { sender: Sender }) {
  const { t } = useSpeech();
  const words = t.senders.dkim;
  const may = useMay();
  const { name } = sender.metadata;
  const changed = useChanged(name);
  const [algorithm, choose] = useState<DkimKey["algorithm"]>("rsa2048");
  const keys = useQuery(dkimKeysQuery(name));
  const create = useMutation({
    mutationFn: () => body(api.POST("/senders/{name}/dkim-keys", { params: { path: { name } }, body: { algorithm } })),
    onSettled: changed,
  });
  return (
    <Stack>
      <Text size="sm">{words.hint}</Text>
      {keys.isError && <ProblemAlert error={keys.error} />}
      {keys.isPending && <Skeleton height={120} />}
      {keys.data?.items.length === 0 && <Text size="sm">{words.none}</Text>}
      {keys.data?.items.map((known) => <Key key={known.selector} sender={name} known={known} />)}
      {may("senders/dkim-keys:create") && (
        <form
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            create.mutate();
          }}
        >
          <Stack gap="xs">
            <Select
              label={words.algorithm}
              allowDeselect={false}
              data={(["rsa2048", "ed25519"] as const).map((value) => ({ value, label: words.algorithms[value] }))}
              value={algorithm}
              onChange={(value) => choose(value as DkimKey["algorithm"])}
            />
            {create.isError && <ProblemAlert error={create.error} />}
            <Group justify="flex-end">
              <Button type="submit" loading={create.isPending}>
                {words.create}
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Stack>
  );
}

/** The keys by which the mail of a sender is signed, with the records to be published for them. */
export function SenderKeys({ sender, ...dialogue }: Dialogue & { sender: Sender }) {
  const { t } = useSpeech();
  return (
    <SenderModal title={t.senders.dkim.title(sender.spec.displayName)} {...dialogue}>
      <Keys sender={sender} />
    </SenderModal>
  );
}
