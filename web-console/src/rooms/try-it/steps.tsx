import { Accordion, Badge, Group, Stack, Text, Title } from "@mantine/core";
import { useState } from "react";
import { useSpeech } from "../../i18n";
import { CopyIcon } from "../../parts/copy";
import { Instant } from "../../parts/instant";
import { Code } from "../../parts/page";
import type { Step } from "../../try-it/run";
import type { Trial } from "../../try-it/trial";
import { Checks } from "./checks";
import { Pairs } from "./pairs";

const isWrong = (step: Step): boolean =>
  step.checks.some(({ ok }) => !ok) || (step.kind === "exchange" && (step.answer?.status ?? 0) !== 200);

const lines = (pairs: [string, string][], separator: string): string => pairs.map((pair) => pair.join(separator)).join("\n");

function Block({ title, label, text }: { title: string; label: string; text: string }) {
  const { t } = useSpeech();
  if (text === "") return null;
  return (
    <div>
      <Title order={4} size="h6" mb={4}>
        {title}
      </Title>
      <Code label={label} copy={<CopyIcon value={text} label={t.common.copy} />}>
        {text}
      </Code>
    </div>
  );
}

function Detail({ step, name }: { step: Step; name: string }) {
  const { t, format } = useSpeech();
  const words = t.tryIt;
  if (step.kind === "callback") {
    return (
      <Stack>
        <Text size="sm">{words.callbackHint}</Text>
        <Pairs label={name} pairs={step.pairs} />
        <Checks of={name} checks={step.checks} />
      </Stack>
    );
  }
  const { answer } = step;
  const body = typeof answer?.body === "string" ? answer.body : JSON.stringify(answer?.body, null, 2);
  const request = [`${step.method} ${step.url}`, lines(step.headers, ": ")].filter((part) => part !== "").join("\n");
  return (
    <Stack>
      <Block title={words.sent} label={`${name}: ${words.sent}`} text={request} />
      <Block title={words.form} label={`${name}: ${words.form}`} text={lines(step.form, "=")} />
      {answer === undefined ? (
        <Text size="sm">{words.unanswered}</Text>
      ) : (
        <>
          <Block
            title={`${words.answered(String(answer.status))} · ${words.took(format.number(Math.round(step.took)))}`}
            label={`${name}: ${words.headers}`}
            text={lines(answer.headers, ": ")}
          />
          <Block title={words.body} label={`${name}: ${words.body}`} text={body ?? ""} />
        </>
      )}
      <Checks of={name} checks={step.checks} />
    </Stack>
  );
}

/** Every request and every answer, in their order. */
export function Steps({ trial, steps }: { trial?: Trial; steps: Step[] }) {
  const { t } = useSpeech();
  const words = t.tryIt;
  const [now] = useState(() => Date.now());
  const nameOf = (step: Step) => (step.kind === "callback" ? words.callback : words.stepNames[step.name]);
  return (
    <Accordion multiple defaultValue={steps.flatMap((step, index) => (isWrong(step) ? [String(index)] : []))} variant="contained" order={3}>
      {trial !== undefined && (
        <Accordion.Item value="left">
          <Accordion.Control>
            <Group gap="sm">
              <span>{words.left}</span>
              <Text size="xs" c="dimmed" component="span">
                <Instant at={trial.at} now={now} />
              </Text>
            </Group>
          </Accordion.Control>
          <Accordion.Panel>
            <Stack>
              <Text size="sm">{words.leftHint}</Text>
              <Pairs label={words.request} pairs={[...new URL(trial.url).searchParams]} />
            </Stack>
          </Accordion.Panel>
        </Accordion.Item>
      )}
      {steps.map((step, index) => (
        // They are only ever added to.
        // oxlint-disable-next-line react/no-array-index-key
        <Accordion.Item key={index} value={String(index)}>
          <Accordion.Control>
            <Group gap="sm">
              <span>{nameOf(step)}</span>
              <Badge color={isWrong(step) ? "red" : "teal"} variant="light">
                {isWrong(step) ? words.wrong : words.ok}
              </Badge>
              <Text size="xs" c="dimmed" component="span">
                <Instant at={step.at} now={now} />
              </Text>
            </Group>
          </Accordion.Control>
          <Accordion.Panel>
            <Detail step={step} name={nameOf(step)} />
          </Accordion.Panel>
        </Accordion.Item>
      ))}
    </Accordion>
  );
}
