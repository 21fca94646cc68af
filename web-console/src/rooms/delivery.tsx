import { Alert, Badge, Button, Drawer, Group, Skeleton, Stack, Text, TextInput, Timeline } from "@mantine/core";
import { IconCheck, IconQuestionMark } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { deliveryQuery } from "../api/queries";
import type { DeliveryFinding } from "../api/types";
import { useSpeech } from "../i18n";
import type { Texts } from "../i18n/texts";
import { LinkText } from "../parts/link";
import { Moment, When } from "../parts/moment";
import { ProblemAlert } from "../parts/problem";
import { kindOf, State, subjectOf } from "./message";

/** What a finding is about: the kind of a message has a name for people. */
function aboutOf(t: Texts, about: string): string {
  const [kind = about, ...rest] = about.split("/");
  return [kindOf(t, kind), ...rest].join(" · ");
}

function Finding({ finding }: { finding: DeliveryFinding }): ReactNode {
  const { t } = useSpeech();
  const words = t.delivery;
  return (
    <Stack gap={2}>
      {finding.about !== undefined && <Text size="sm">{aboutOf(t, finding.about)}</Text>}
      {finding.detail !== undefined && (
        <Text size="sm" style={{ overflowWrap: "anywhere" }}>
          {finding.detail}
        </Text>
      )}
      <Group gap="xs" fz="sm" c="dimmed">
        {finding.since !== undefined && (
          <span>
            {words.since} <Moment at={finding.since} />
          </span>
        )}
        {finding.until !== undefined && (
          <span>
            {words.until} <When at={finding.until} />
          </span>
        )}
        {finding.message !== undefined && (
          <LinkText to="/messages" search={(before) => ({ ...before, why: undefined, message: finding.message })} size="sm">
            {words.open}
          </LinkText>
        )}
      </Group>
    </Stack>
  );
}

function Found({ address }: { address: string }) {
  const { t } = useSpeech();
  const words = t.delivery;
  const found = useQuery(deliveryQuery(address));
  if (found.data === undefined) {
    return found.isError ? <ProblemAlert error={found.error} /> : <Skeleton height={200} role="status" aria-label={t.common.loading} />;
  }
  const { findings, messages } = found.data;
  return (
    <Stack gap="lg">
      {!findings.some(({ blocks }) => blocks) && <Alert color="teal" icon={<IconCheck aria-hidden />} title={words.fine} />}
      <Timeline bulletSize={14} lineWidth={2} active={findings.length}>
        {findings.map((finding) => (
          <Timeline.Item
            key={`${finding.code} ${finding.about ?? ""}`}
            color={finding.blocks ? "red" : "gray"}
            title={
              <Group gap="xs" fz="sm">
                {words.codes[finding.code]}
                {finding.blocks && <Badge color="red">{words.blocks}</Badge>}
              </Group>
            }
          >
            <Finding finding={finding} />
          </Timeline.Item>
        ))}
      </Timeline>
      {messages.length > 0 && (
        <section aria-label={words.last}>
          <Text size="sm" fw={600} mb="xs">
            {words.last}
          </Text>
          <Stack gap="xs">
            {messages.map((message) => (
              <Group key={message.metadata.name} gap="xs" fz="sm">
                <State state={message.status.state} />
                <LinkText to="/messages" search={(before) => ({ ...before, why: undefined, message: message.metadata.name })} size="sm">
                  {subjectOf(t, message)}
                </LinkText>
                <Moment at={message.metadata.creationTimestamp} />
              </Group>
            ))}
          </Stack>
        </section>
      )}
    </Stack>
  );
}

/** The field for the address that no mail came to. */
export function AskWhy({ onAsk }: { onAsk: (address: string) => void }) {
  const { t } = useSpeech();
  const [address, setAddress] = useState("");
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (address.trim() !== "") onAsk(address.trim());
      }}
    >
      <Group gap="xs" mb="md" align="flex-end">
        <TextInput
          label={t.delivery.label}
          placeholder="ada@example.com"
          type="email"
          autoComplete="off"
          maxLength={254}
          value={address}
          onChange={(event) => setAddress(event.currentTarget.value)}
          flex="1 1 200px"
          maw={320}
        />
        <Button type="submit" variant="default" leftSection={<IconQuestionMark size={16} aria-hidden />}>
          {t.delivery.ask}
        </Button>
      </Group>
    </form>
  );
}

/** What keeps mail from an address, and what became of the last messages to it. */
export function WhyNoMail({ address, onClose }: { address?: string; onClose: () => void }) {
  const { t } = useSpeech();
  return (
    <Drawer
      opened={address !== undefined}
      onClose={onClose}
      position="right"
      size="lg"
      title={t.delivery.title(address ?? "")}
      closeButtonProps={{ "aria-label": t.common.close }}
    >
      {address !== undefined && <Found address={address} />}
    </Drawer>
  );
}
