import { Alert, Badge, Button, Group, Skeleton, Stack, Tabs, Text, Timeline } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconAlertTriangle, IconMailForward } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { api, body } from "../api/client";
import { messageQuery } from "../api/queries";
import type { Message } from "../api/types";
import { useSpeech } from "../i18n";
import type { Texts } from "../i18n/texts";
import { ConfirmedAct } from "../parts/confirm";
import { CopyIcon } from "../parts/copy";
import { LinkText } from "../parts/link";
import { Moment, When } from "../parts/moment";
import { Facts } from "../parts/page";
import { ProblemAlert } from "../parts/problem";
import { useMay } from "../shell/session";
import classes from "./messages.module.css";

const COLOURS = {
  queued: "yellow",
  sending: "petrol",
  deferred: "yellow",
  sent: "teal",
  failed: "red",
  kept: "petrol",
  cancelled: "gray",
  dropped: "gray",
  bounced: "red",
  complained: "red",
} as const;

/** The kind of a message for people; a kind that this console does not know keeps the server's name. */
export function kindOf(t: Texts, template: string): string {
  const known: Partial<Record<string, string>> = t.messages.kinds;
  return known[template] ?? template;
}

/** A queued message is not written yet, and so has no subject. */
export function subjectOf(t: Texts, { spec }: Message): string {
  return spec.subject ?? kindOf(t, spec.template);
}

/** What became of a message. */
export function State({ state }: { state: Message["status"]["state"] }) {
  const { t } = useSpeech();
  return <Badge color={COLOURS[state]}>{t.messages.states[state]}</Badge>;
}

function Content({ message }: { message: Message }) {
  const { t } = useSpeech();
  const { text, html } = message.spec;
  if (!text && !html) {
    return (
      <Text size="sm" c="dimmed">
        {t.messages.notKept}
      </Text>
    );
  }
  return (
    <Tabs defaultValue={html ? "html" : "text"} keepMounted={false}>
      <Tabs.List mb="sm" aria-label={t.messages.content}>
        {html && <Tabs.Tab value="html">{t.messages.html}</Tabs.Tab>}
        {text && <Tabs.Tab value="text">{t.messages.text}</Tabs.Tab>}
      </Tabs.List>
      {html && (
        <Tabs.Panel value="html">
          {/* No scripts, no forms, no way out: a mail is other people's words, even when the server wrote it. */}
          <iframe className={classes.preview} title={t.messages.preview} sandbox="" srcDoc={html} referrerPolicy="no-referrer" />
        </Tabs.Panel>
      )}
      {text && (
        <Tabs.Panel value="text">
          {/* Keyboards reach what scrolls. */}
          {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
          <pre className={classes.text} tabIndex={0} role="region" aria-label={t.messages.text}>
            {text}
          </pre>
        </Tabs.Panel>
      )}
    </Tabs>
  );
}

/** Sends a message again that failed or was cancelled, as a new one, and shows that. */
function Resend({ message }: { message: Message }) {
  const { t } = useSpeech();
  const client = useQueryClient();
  const navigate = useNavigate({ from: "/messages" });
  const { name } = message.metadata;
  const resend = useMutation({
    mutationFn: () => body(api.POST("/messages/{name}/resend", { params: { path: { name } } })),
    onSuccess: async (made) => {
      notifications.show({ message: t.messages.resent(message.spec.to) });
      await navigate({ search: (before) => ({ ...before, message: made.metadata.name }) });
      return client.invalidateQueries({ queryKey: ["messages"] });
    },
  });
  return (
    <Stack align="flex-start">
      {resend.isError && <ProblemAlert error={resend.error} />}
      <Button
        variant="default"
        leftSection={<IconMailForward size={18} aria-hidden />}
        loading={resend.isPending}
        onClick={() => resend.mutate()}
      >
        {t.messages.resend}
      </Button>
    </Stack>
  );
}

/** Keeps a message from being sent that waits. */
function Cancel({ message }: { message: Message }) {
  const { t } = useSpeech();
  const client = useQueryClient();
  const { name } = message.metadata;
  return (
    <ConfirmedAct
      label={t.messages.cancel}
      title={t.messages.cancelTitle}
      what={t.messages.cancelWhat(message.spec.to)}
      act={() => body(api.POST("/messages/{name}/cancel", { params: { path: { name } } }))}
      done={t.messages.cancelled}
      onDone={() => client.invalidateQueries({ queryKey: ["messages"] })}
    />
  );
}

/** Every attempt, as a relay answered it. */
function Attempts({ log }: { log: NonNullable<Message["status"]["log"]> }) {
  const { t, format } = useSpeech();
  const words = t.messages;
  const steps: Partial<Record<string, string>> = t.senders.steps;
  return (
    <section aria-label={words.log}>
      <Timeline bulletSize={14} lineWidth={2} active={log.length}>
        {log.map((attempt) => (
          <Timeline.Item
            key={attempt.at + String(attempt.milliseconds) + (attempt.sender ?? "")}
            color={attempt.step === undefined ? "teal" : "red"}
            title={
              <Group gap="xs" fz="sm">
                <Moment at={attempt.at} />
                <Text size="sm">{attempt.sender ?? words.instance}</Text>
                {attempt.step !== undefined && <Badge color="red">{steps[attempt.step] ?? attempt.step}</Badge>}
                {attempt.tls && <Badge color="gray">TLS</Badge>}
              </Group>
            }
          >
            <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
              {attempt.answer ?? words.noAnswer} · {words.took(format.number(attempt.milliseconds))}
            </Text>
          </Timeline.Item>
        ))}
      </Timeline>
    </section>
  );
}

/** What was reported after the message had left. */
function Bounce({ bounce }: { bounce: NonNullable<Message["status"]["bounce"]> }) {
  const { t } = useSpeech();
  return (
    <Alert
      color={bounce.kind === "delay" ? "yellow" : "red"}
      icon={<IconAlertTriangle aria-hidden />}
      title={t.messages.bounces[bounce.kind]}
    >
      <Text size="sm" style={{ overflowWrap: "anywhere" }}>
        {[bounce.status, bounce.diagnostic].filter(Boolean).join(" · ")}
      </Text>
      <Text size="sm" c="dimmed">
        <Moment at={bounce.at} />
      </Text>
    </Alert>
  );
}

/** One message: where it went, what became of it, and what it said if that is kept. */
export function OpenedMessage({ name }: { name: string }) {
  const { t } = useSpeech();
  const may = useMay();
  const message = useQuery(messageQuery(name));
  if (message.data === undefined) {
    if (message.isError) return <ProblemAlert error={message.error} onRetry={() => void message.refetch()} />;
    return (
      <Stack aria-busy aria-label={t.common.loading}>
        <Skeleton height={150} />
        <Skeleton height={320} />
      </Stack>
    );
  }
  const { metadata, spec, status } = message.data;
  return (
    <Stack gap="lg">
      {status.lastError && (
        <Alert color={status.state === "failed" ? "red" : "yellow"} icon={<IconAlertTriangle aria-hidden />} title={t.messages.lastError}>
          <Text size="sm" style={{ overflowWrap: "anywhere" }}>
            {status.lastError}
          </Text>
        </Alert>
      )}
      {status.bounce !== undefined && <Bounce bounce={status.bounce} />}
      {may("messages:resend") && ["failed", "cancelled", "bounced"].includes(status.state) && (
        <Resend message={message.data} />
      )}
      {may("messages:cancel") && ["queued", "deferred"].includes(status.state) && (
        <div>
          <Cancel message={message.data} />
        </div>
      )}
      <Facts
        facts={[
          [t.messages.subject, subjectOf(t, message.data)],
          [t.messages.to, spec.to],
          [
            t.messages.state,
            <Group key="state" gap="xs">
              <State state={status.state} />
            </Group>,
          ],
          [t.messages.attempts, String(status.attempts)],
          ...(status.sender ? [[t.messages.sender, status.sender] as [string, ReactNode]] : []),
          ...(status.nextAt ? [[t.messages.next, <When key="next" at={status.nextAt} />] as [string, ReactNode]] : []),
          ...(status.resendOf
            ? [[
                t.messages.resendOf,
                <LinkText key="of" to="/messages" search={(before) => ({ ...before, message: status.resendOf })} size="sm" ff="monospace">
                  {status.resendOf}
                </LinkText>,
              ] as [string, ReactNode]]
            : []),
          ...(status.cancelledBy ? [[t.messages.cancelledBy, status.cancelledBy] as [string, ReactNode]] : []),
          ...(status.relayAnswer ? [[t.messages.relayAnswer, status.relayAnswer] as [string, ReactNode]] : []),
          [t.messages.kind, kindOf(t, spec.template)],
          [t.messages.language, spec.language],
          [t.messages.created, <Moment key="created" at={metadata.creationTimestamp} />],
          ...(status.deliveredAt
            ? [[t.messages.delivered, <Moment key="delivered" at={status.deliveredAt} />] as [string, ReactNode]]
            : []),
          ...(status.sentAt ? [[t.messages.sent, <Moment key="sent" at={status.sentAt} />] as [string, ReactNode]] : []),
          [
            t.messages.id,
            <Group key="id" gap={4} wrap="nowrap">
              <Text size="sm" ff="monospace" style={{ overflowWrap: "anywhere" }}>
                {metadata.name}
              </Text>
              <CopyIcon value={metadata.name} label={t.common.copy} />
            </Group>,
          ],
        ]}
      />
      {status.log !== undefined && status.log.length > 0 && status.state !== "kept" && <Attempts log={status.log} />}
      <Content message={message.data} />
    </Stack>
  );
}
