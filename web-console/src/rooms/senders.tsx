import { ActionIcon, Alert, Badge, Button, Group, Skeleton, Stack, Switch, Text, Tooltip } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { IconAlertTriangle, IconArrowDown, IconArrowUp, IconPlus, IconSend, IconSignature } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { api, body } from "../api/client";
import { sendersQuery, tenantQuery } from "../api/first-queries";
import { mailPolicyQuery } from "../api/queries";
import type { MailPolicy, Sender } from "../api/types";
import { useSpeech } from "../i18n";
import { ConfirmedAct } from "../parts/confirm";
import { Empty } from "../parts/empty";
import { Moment } from "../parts/moment";
import { Facts, Page, Panel } from "../parts/page";
import { ProblemAlert } from "../parts/problem";
import { Guarded } from "../parts/whole-page";
import { useMay } from "../shell/session";
import { Bounces } from "./sender/bounces";
import { SenderKeys } from "./sender/dkim";
import { Origins } from "./policies/origins";
import { SenderForm } from "./sender/form";
import { moved } from "./sender/values";
import { VerifySender } from "./sender/verify";

function useChanged() {
  const client = useQueryClient();
  return async () => {
    void client.invalidateQueries({ queryKey: ["audit"] });
    void client.invalidateQueries(tenantQuery);
    await client.invalidateQueries({ queryKey: ["senders"] });
  };
}

function State({ sender, current }: { sender: Sender; current: boolean }) {
  const { t } = useSpeech();
  const state = sender.spec.enabled ? sender.status.state : "off";
  const colour = { active: "teal", failing: "red", off: "gray" }[state];
  return (
    <Group gap="xs">
      <Badge color={colour}>{t.senders.states[state]}</Badge>
      {current && <Badge color="petrol">{t.senders.current}</Badge>}
    </Group>
  );
}

/** The buttons that move a sender in the order: by mouse and by keys. */
function Moves({ sender, names, at }: { sender: Sender; names: string[]; at: number }) {
  const { t } = useSpeech();
  const changed = useChanged();
  const move = useMutation({
    mutationFn: (by: -1 | 1) => body(api.PUT("/senders/-/order", { body: { names: moved(names, at, by) } })),
    onSettled: changed,
  });
  const { displayName } = sender.spec;
  const button = (by: -1 | 1, label: string, disabled: boolean, icon: ReactNode) => (
    <Tooltip label={label}>
      <ActionIcon variant="default" size="lg" aria-label={label} disabled={disabled} loading={move.isPending} onClick={() => move.mutate(by)}>
        {icon}
      </ActionIcon>
    </Tooltip>
  );
  return (
    <Group gap={4} wrap="nowrap" role="group" aria-label={t.senders.order}>
      {button(-1, t.senders.up(displayName), at === 0, <IconArrowUp size={18} aria-hidden />)}
      {button(1, t.senders.down(displayName), at === names.length - 1, <IconArrowDown size={18} aria-hidden />)}
    </Group>
  );
}

function Acts({ sender }: { sender: Sender }) {
  const { t } = useSpeech();
  const words = t.senders;
  const may = useMay();
  const changed = useChanged();
  const [editing, edit] = useDisclosure(false);
  const [trying, verify] = useDisclosure(false);
  const [showing, keys] = useDisclosure(false);
  const { name } = sender.metadata;
  const { displayName } = sender.spec;
  const path = { params: { path: { name } } };
  const resume = useMutation({
    mutationFn: () => body(api.POST("/senders/{name}/resume", path)),
    onSuccess: () => notifications.show({ color: "teal", message: words.resumed(displayName) }),
    onSettled: changed,
  });
  return (
    <Group gap="xs" mt="md">
      {may("senders:verify") && (
        <Button variant="default" leftSection={<IconSend size={16} aria-hidden />} onClick={verify.open}>
          {words.verify}
        </Button>
      )}
      {may("senders:get") && (
        <Button variant="default" leftSection={<IconSignature size={16} aria-hidden />} onClick={keys.open}>
          {words.dkim.label}
        </Button>
      )}
      {may("senders:update") && sender.status.state === "failing" && (
        <Button variant="default" loading={resume.isPending} onClick={() => resume.mutate()}>
          {words.resume}
        </Button>
      )}
      {may("senders:update") && (
        <Button variant="default" onClick={edit.open}>
          {words.editLabel}
        </Button>
      )}
      {may("senders:delete") && (
        <ConfirmedAct
          label={words.remove}
          title={words.removeTitle(displayName)}
          what={words.removeWhat}
          act={() => body(api.DELETE("/senders/{name}", path))}
          done={words.removed(displayName)}
          onDone={changed}
        />
      )}
      <SenderForm opened={editing} sender={sender} onClose={edit.close} />
      <SenderKeys opened={showing} sender={sender} onClose={keys.close} />
      <VerifySender opened={trying} sender={sender} onClose={verify.close} />
    </Group>
  );
}

function One({ sender, names, at, current }: { sender: Sender; names: string[]; at: number; current: boolean }) {
  const { t } = useSpeech();
  const words = t.senders;
  const may = useMay();
  const { spec, status } = sender;
  const moment = (name: string, value: string | undefined): [string, ReactNode] => [
    name,
    value === undefined ? words.never : <Moment key={name} at={value} />,
  ];
  return (
    <Panel
      title={spec.displayName}
      hint={`${spec.host}:${spec.port} · ${spec.fromAddress}`}
      aside={may("senders:update") && names.length > 1 ? <Moves sender={sender} names={names} at={at} /> : undefined}
    >
      <Stack>
        <State sender={sender} current={current} />
        {status.state === "failing" && (
          <Alert color="red" icon={<IconAlertTriangle aria-hidden />} title={status.lastError ?? words.states.failing}>
            <Group gap="lg" fz="sm">
              {status.failingSince !== undefined && (
                <span>
                  {words.since} <Moment at={status.failingSince} />
                </span>
              )}
              {status.probeAt !== undefined && (
                <span>
                  {words.probe} <Moment at={status.probeAt} />
                </span>
              )}
            </Group>
          </Alert>
        )}
        <Facts
          facts={[
            [words.name, sender.metadata.name],
            [words.encryption, words.encryptions[spec.encryption]],
            moment(words.verified, status.verifiedAt),
            moment(words.used, status.lastUsedAt),
            ...(status.lastError !== undefined && status.state !== "failing"
              ? ([[words.error, <span key="error" style={{ overflowWrap: "anywhere" }}>{status.lastError}</span>]] as [string, ReactNode][])
              : []),
          ]}
        />
      </Stack>
      <Acts sender={sender} />
    </Panel>
  );
}

/** Whether the server's own sender is the last resort. */
function Instance() {
  const { t } = useSpeech();
  const may = useMay();
  const changed = useChanged();
  const policy = useQuery(mailPolicyQuery);
  const save = useMutation({
    mutationFn: (spec: MailPolicy["spec"]) => body(api.PUT("/policies/mail", { body: { metadata: { version: policy.data?.metadata.version }, spec, pinned: policy.data?.pinned } })),
    onSettled: changed,
  });
  if (policy.data === undefined) return null;
  const { spec, status } = policy.data;
  const fixed = !may("policies:update") || save.isPending;
  const locked = (member: string) =>
    status.locked.includes(member) ? { disabled: true, description: t.policies.origins.lockedHint } : { disabled: fixed };
  return (
    <Panel title={t.senders.instance} hint={t.senders.instanceHint}>
      {save.isError && <ProblemAlert error={save.error} />}
      <Origins policy="mail" status={status} />
      <Stack>
        <Switch
          label={t.senders.useInstance}
          checked={spec.useInstanceSender}
          {...locked("useInstanceSender")}
          onChange={(event) => save.mutate({ ...spec, useInstanceSender: event.currentTarget.checked })}
        />
        <Switch
          label={t.senders.codeInSubject}
          checked={spec.codeInSubject}
          {...locked("codeInSubject")}
          onChange={(event) => save.mutate({ ...spec, codeInSubject: event.currentTarget.checked })}
        />
      </Stack>
    </Panel>
  );
}

function All() {
  const { t, format } = useSpeech();
  const may = useMay();
  const [creating, create] = useDisclosure(false);
  const senders = useQuery(sendersQuery);
  const items = senders.data?.items;
  const names = items?.map(({ metadata }) => metadata.name) ?? [];
  const current = items?.find(({ spec, status }) => spec.enabled && status.state === "active")?.metadata.name;
  return (
    <Page
      title={t.senders.title}
      hint={t.senders.hint}
      actions={
        may("senders:create") && (
          <Button leftSection={<IconPlus size={18} aria-hidden />} onClick={create.open}>
            {t.senders.create}
          </Button>
        )
      }
    >
      <Stack>
        <Text size="sm" c="dimmed" role="status">
          {items !== undefined && t.senders.total(items.length, format.number(items.length))}
        </Text>
        {senders.isError && <ProblemAlert error={senders.error} onRetry={() => void senders.refetch()} />}
        {senders.isPending && <Skeleton height={180} />}
        {items?.length === 0 && <Empty icon={<IconSend />} title={t.senders.none} hint={t.senders.noneHint} />}
        {items !== undefined && items.length > 0 && (
          <Stack role="list" aria-label={t.senders.table}>
            {items.map((sender, at) => (
              <div role="listitem" key={sender.metadata.name}>
                <One sender={sender} names={names} at={at} current={sender.metadata.name === current} />
              </div>
            ))}
          </Stack>
        )}
        {may("notifiers/bounce-secret:get") && <Bounces />}
        {may("policies:get") && <Instance />}
      </Stack>
      <SenderForm opened={creating} onClose={create.close} />
    </Page>
  );
}

/** The mail servers that the tenant's mail leaves by. */
export function Senders() {
  const may = useMay();
  return (
    <Guarded allowed={may("senders:list")}>
      <All />
    </Guarded>
  );
}
