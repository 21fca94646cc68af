import { Alert, Button, Group, Stack, Text, TextInput, Timeline } from "@mantine/core";
import { IconCheck, IconX } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, body } from "../../api/client";
import { problemOf } from "../../api/problem";
import type { Sender } from "../../api/types";
import { useSpeech } from "../../i18n";
import { ProblemAlert } from "../../parts/problem";
import { useMay } from "../../shell/session";
import { SenderModal, type Dialogue } from "./modal";

interface Step {
  step: string;
  ok: boolean;
  answer?: string;
  ms?: number;
}

/** The steps of a delivery, with the words of the mail server. */
function Steps({ steps }: { steps: Step[] }) {
  const { t, format } = useSpeech();
  const names: Partial<Record<string, string>> = t.senders.steps;
  return (
    <section aria-label={t.senders.stepsLabel}>
      <Timeline bulletSize={22} lineWidth={2} active={steps.length}>
        {steps.map(({ step, ok, answer, ms }, at) => (
          <Timeline.Item
            // A step may come twice: before TLS and within it.
            // oxlint-disable-next-line react/no-array-index-key
            key={at}
            color={ok ? "teal" : "red"}
            bullet={ok ? <IconCheck size={14} aria-label={t.senders.stepOk} /> : <IconX size={14} aria-label={t.senders.stepFailed} />}
            title={names[step] ?? step}
          >
            <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
              {[answer, ms === undefined ? undefined : t.messages.took(format.number(ms))].filter(Boolean).join(" · ")}
            </Text>
          </Timeline.Item>
        ))}
      </Timeline>
    </section>
  );
}

function Trial({ sender, onClose }: { sender: Sender; onClose: () => void }) {
  const { t } = useSpeech();
  const words = t.senders;
  const may = useMay();
  const client = useQueryClient();
  const [to, setTo] = useState("");
  const { name } = sender.metadata;
  const verify = useMutation({
    mutationFn: () =>
      body(
        api.POST("/senders/{name}/verify", {
          params: { path: { name } },
          body: to.trim() === "" ? {} : { to: to.trim() },
        }),
      ),
    onSettled: () => client.invalidateQueries({ queryKey: ["senders"] }),
  });
  const problem = verify.isError ? problemOf(verify.error) : undefined;
  const failed = problem?.code === "sender_not_reached" ? problem : undefined;
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        verify.mutate();
      }}
    >
      <Stack>
        <Text size="sm">{words.verifyHint}</Text>
        {may("senders:update") && (
          <TextInput
            label={words.to}
            description={words.toHint}
            type="email"
            autoComplete="off"
            maxLength={254}
            data-autofocus
            value={to}
            onChange={(event) => setTo(event.currentTarget.value)}
          />
        )}
        <div role="status">
          {verify.isSuccess && (
            <Stack>
              <Alert color="teal" icon={<IconCheck aria-hidden />} title={words.delivered} />
              <Steps steps={verify.data.steps} />
            </Stack>
          )}
          {failed !== undefined && (
            <Stack>
              <Alert color="red" icon={<IconX aria-hidden />} title={words.notDelivered} />
              <Steps steps={failed.errors.map(({ field, code, detail }) => ({ step: field, ok: code === "ok", answer: detail }))} />
            </Stack>
          )}
          {verify.isError && failed === undefined && <ProblemAlert error={verify.error} />}
        </div>
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t.common.close}
          </Button>
          <Button type="submit" loading={verify.isPending}>
            {words.send}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** Sends a mail by a sender and shows how it went. */
export function VerifySender({ sender, ...dialogue }: Dialogue & { sender: Sender }) {
  const { t } = useSpeech();
  return (
    <SenderModal title={t.senders.verifyTitle(sender.spec.displayName)} {...dialogue}>
      <Trial sender={sender} onClose={dialogue.onClose} />
    </SenderModal>
  );
}
