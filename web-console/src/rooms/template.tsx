import { Alert, Badge, Button, Group, List, SimpleGrid, Skeleton, Stack, Text, Textarea, TextInput, UnstyledButton } from "@mantine/core";
import { useDebouncedValue, useDisclosure } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { IconAlertTriangle, IconSend } from "@tabler/icons-react";
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useRef, useState } from "react";
import { api, body } from "../api/client";
import { templatePreviewQuery, templateQuery } from "../api/queries";
import type { MessageTemplate, TemplateParts, TemplateProblem } from "../api/types";
import { useSpeech } from "../i18n";
import { ConfirmedAct } from "../parts/confirm";
import { Modal } from "../parts/dialog";
import { Page, Panel } from "../parts/page";
import { ProblemAlert } from "../parts/problem";
import { SaveProblem } from "../parts/save-problem";
import { Unsaved } from "../parts/unsaved";
import { Guarded } from "../parts/whole-page";
import { useMay } from "../shell/session";
import { kindOf } from "./message";
import classes from "./messages.module.css";
import { inserted, lineDiff, placeIn } from "./template/lines";
import { Preview } from "./template/preview";
import { Standing } from "./templates";

type Field = keyof TemplateParts;
type Box = HTMLInputElement | HTMLTextAreaElement | null;

function isField(name: string): name is Field {
  return ["subject", "text", "html"].includes(name);
}

/** What is wrong, each with a way to its place. */
function Problems({ problems, onGo }: { problems: TemplateProblem[]; onGo: (problem: TemplateProblem) => void }) {
  const { t } = useSpeech();
  const words = t.templates;
  if (problems.length === 0) return <Text size="sm" c="dimmed">{words.noProblems}</Text>;
  return (
    <List size="sm" spacing={6} aria-label={words.problems}>
      {problems.map((problem) => (
        <List.Item key={`${problem.field} ${problem.line} ${problem.column} ${problem.code}`}>
          <UnstyledButton fz="sm" onClick={() => onGo(problem)}>
            <Badge color={problem.warning ? "yellow" : "red"} mr={6}>
              {words.place(isField(problem.field) ? words.fields[problem.field] : problem.field, String(problem.line), String(problem.column))}
            </Badge>
            <span style={{ overflowWrap: "anywhere" }}>{problem.detail}</span>
          </UnstyledButton>
        </List.Item>
      ))}
    </List>
  );
}

/** What the default is now, beside the tenant's own. */
function Difference({ own, now }: { own: TemplateParts; now: TemplateParts }) {
  const { t } = useSpeech();
  const [opened, show] = useDisclosure(false);
  const words = t.templates;
  const colours = { gone: "red", new: "teal", same: undefined } as const;
  const signs = { gone: "−", new: "+", same: " " } as const;
  return (
    <>
      <Button variant="default" onClick={show.open}>
        {words.compare}
      </Button>
      <Modal opened={opened} onClose={show.close} size="xl" title={words.compareTitle} closeButtonProps={{ "aria-label": t.common.close }}>
        <Text size="sm" c="dimmed" mb="sm">
          {words.compareHint}
        </Text>
        {(["subject", "text", "html"] as const).map((field) => (
          <section key={field} aria-label={words.fields[field]}>
            <Text fw={560} mt="sm">
              {words.fields[field]}
            </Text>
            {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
            <pre className={classes.text} tabIndex={0} role="region" aria-label={words.fields[field]}>
              {lineDiff(own[field], now[field]).map((line, n) => (
                // oxlint-disable-next-line react/no-array-index-key
                <Text key={n} component="span" display="block" inherit c={colours[line.is]}>
                  {`${signs[line.is]} ${line.text}`}
                </Text>
              ))}
            </pre>
          </section>
        ))}
      </Modal>
    </>
  );
}

function Test({ template, dirty }: { template: MessageTemplate; dirty: boolean }) {
  const { t } = useSpeech();
  const words = t.templates;
  const [opened, show] = useDisclosure(false);
  const [to, setTo] = useState("");
  const { template: kind, language } = template.status;
  const send = useMutation({
    mutationFn: () =>
      body(api.POST("/message-templates/{kind}/{language}/test", { params: { path: { kind, language } }, body: to.trim() === "" ? {} : { to: to.trim() } })),
    onSuccess: (sent) => {
      notifications.show({ color: "teal", message: words.tested(sent.to) });
      show.close();
    },
  });
  return (
    <>
      <Button variant="default" leftSection={<IconSend size={16} aria-hidden />} onClick={show.open}>
        {words.test}
      </Button>
      <Modal opened={opened} onClose={show.close} title={words.testTitle} closeButtonProps={{ "aria-label": t.common.close }}>
        <form
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            send.mutate();
          }}
        >
          <Stack>
            {send.isError && <ProblemAlert error={send.error} />}
            {dirty && <Text size="sm">{words.testSaved}</Text>}
            <TextInput type="email" label={t.senders.to} description={t.senders.toHint} value={to} onChange={(event) => setTo(event.currentTarget.value)} />
            <Group justify="flex-end">
              <Button type="submit" loading={send.isPending}>
                {t.senders.send}
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </>
  );
}

function Editor({ template, onReload }: { template: MessageTemplate; onReload: () => void }) {
  const { t } = useSpeech();
  const words = t.templates;
  const may = useMay();
  const client = useQueryClient();
  const { template: kind, language } = template.status;
  const path = { params: { path: { kind, language } } };
  const [parts, setParts] = useState<TemplateParts>(template.spec);
  const boxes = useRef<Record<Field, Box>>({ subject: null, text: null, html: null });
  const last = useRef<Field>("html");
  const [asked] = useDebouncedValue(parts, 400);
  const preview = useQuery({ ...templatePreviewQuery(kind, language, asked), placeholderData: keepPreviousData });
  const dirty = (["subject", "text", "html"] as const).some((field) => parts[field] !== template.spec[field]);
  const mayWrite = may("message-templates:update");
  const changed = async () => {
    void client.invalidateQueries({ queryKey: ["audit"] });
    await client.invalidateQueries({ queryKey: ["templates"] });
  };
  const save = useMutation({
    mutationFn: () =>
      body(api.PUT("/message-templates/{kind}/{language}", { ...path, body: { metadata: { version: template.metadata.version }, spec: parts } })),
    onSuccess: async () => {
      notifications.show({ color: "teal", message: words.saved });
      await changed();
    },
  });
  const insert = (name: string) => {
    const field = last.current;
    const box = boxes.current[field];
    const end = parts[field].length;
    const what = `{{ ${name} }}`;
    const from = box?.selectionStart ?? end;
    setParts({ ...parts, [field]: inserted(parts[field], [from, box?.selectionEnd ?? end], what) });
    requestAnimationFrame(() => {
      box?.focus();
      box?.setSelectionRange(from + what.length, from + what.length);
    });
  };
  const go = (problem: TemplateProblem) => {
    if (!isField(problem.field)) return;
    const box = boxes.current[problem.field];
    const at = placeIn(parts[problem.field], problem.line, problem.column);
    box?.focus();
    box?.setSelectionRange(at, Math.min(at + 1, parts[problem.field].length));
  };
  const input = (field: Field) => ({
    label: words.fields[field],
    value: parts[field],
    readOnly: !mayWrite,
    spellCheck: false,
    ref: (box: Box) => {
      boxes.current[field] = box;
    },
    onFocus: () => {
      last.current = field;
    },
    onChange: (event: { currentTarget: { value: string } }) => setParts({ ...parts, [field]: event.currentTarget.value }),
  });
  const area = { autosize: true, minRows: 8, maxRows: 22, styles: { input: { fontFamily: "var(--mantine-font-family-monospace)", fontSize: 13 } } };
  return (
    <Stack>
      <Unsaved dirty={dirty && !save.isPending} />
      {template.status.broken && (
        <Alert color="red" icon={<IconAlertTriangle aria-hidden />} title={words.broken}>
          {words.brokenHint}
        </Alert>
      )}
      {template.status.outdated && (
        <Alert color="yellow" icon={<IconAlertTriangle aria-hidden />} title={words.outdated}>
          <Stack align="flex-start" gap="sm">
            {words.outdatedHint}
            <Difference own={template.spec} now={template.status.default} />
          </Stack>
        </Alert>
      )}
      {save.isError && <SaveProblem error={save.error} onReload={onReload} />}
      <SimpleGrid cols={{ base: 1, lg: 2 }}>
        <Panel title={words.source}>
          <Stack>
            {mayWrite && (
              <Group gap={6} role="group" aria-label={words.variables}>
                {template.status.variables.map((variable) => (
                  <Button key={variable.name} size="compact-xs" variant="default" title={`${variable.meaning} (${variable.example})`} onClick={() => insert(variable.name)}>
                    {variable.name}
                    {variable.optional ? "?" : ""}
                  </Button>
                ))}
              </Group>
            )}
            <TextInput {...input("subject")} />
            <Textarea {...input("text")} {...area} />
            <Textarea {...input("html")} {...area} />
            <Problems problems={preview.data?.problems ?? []} onGo={go} />
          </Stack>
        </Panel>
        <Panel title={words.preview} hint={words.previewHint}>
          {preview.isError && <ProblemAlert error={preview.error} onRetry={() => void preview.refetch()} />}
          {preview.data !== undefined && <Preview made={preview.data} />}
        </Panel>
      </SimpleGrid>
      <Group>
        {mayWrite && (
          <Button disabled={!dirty} loading={save.isPending} onClick={() => save.mutate()}>
            {t.common.save}
          </Button>
        )}
        {may("message-templates:test") && <Test template={template} dirty={dirty} />}
        {may("message-templates:delete") && !template.status.isDefault && (
          <ConfirmedAct
            label={words.reset}
            title={words.resetTitle}
            what={words.resetWhat}
            act={() => body(api.DELETE("/message-templates/{kind}/{language}", path))}
            done={words.wasReset}
            onDone={changed}
          />
        )}
      </Group>
    </Stack>
  );
}

function Opened() {
  const { t } = useSpeech();
  const { kind, language } = useParams({ from: "/inside/templates/$kind/$language" });
  const client = useQueryClient();
  const template = useQuery(templateQuery(kind, language));
  const { data } = template;
  return (
    <Page
      title={kindOf(t, kind)}
      hint={data === undefined ? undefined : t.templates.languages[data.status.language]}
      badge={data !== undefined && <Standing of={data.status} />}
    >
      {template.isError && <ProblemAlert error={template.error} onRetry={() => void template.refetch()} />}
      {template.isPending && <Skeleton height={420} />}
      {data !== undefined && (
        <Editor
          key={`${kind} ${language} ${data.metadata.version}`}
          template={data}
          onReload={() => void client.invalidateQueries({ queryKey: ["templates"] })}
        />
      )}
    </Page>
  );
}

/** The text of a kind of message in a language. */
export function Template() {
  const may = useMay();
  return (
    <Guarded allowed={may("message-templates:get")}>
      <Opened />
    </Guarded>
  );
}
