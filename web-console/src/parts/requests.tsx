import { Anchor, Drawer, Group, NativeSelect, SegmentedControl, Stack, Text } from "@mantine/core";
import { useState, useSyncExternalStore } from "react";
import { madeCalls, watchCalls, type Call } from "../api/calls";
import { tenantPath } from "../base";
import { useSpeech } from "../i18n";
import { CopyIcon } from "./copy";
import { Code } from "./page";
import { curlOf, typescriptOf } from "./snippets";

const FORMS = { curl: curlOf, TypeScript: typescriptOf };
type Form = keyof typeof FORMS;

const nameOf = ({ method, baseUrl, address, status }: Call) => {
  const { pathname, search } = new URL(address);
  return `${method} ${pathname.slice(new URL(baseUrl, address).pathname.length)}${search} · ${status ?? "…"}`;
};

/** The calls that the page made, each as a command and as a program would make it. */
export function Requests({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useSpeech();
  const words = t.requests;
  const calls = useSyncExternalStore(watchCalls, madeCalls);
  const [chosen, choose] = useState("");
  const [form, setForm] = useState<Form>("curl");
  // What was changed says more than what was read.
  const call = calls.find((one) => nameOf(one) === chosen) ?? calls.find(({ method }) => method !== "GET") ?? calls[0];
  const code = call === undefined ? "" : FORMS[form](call);
  const base = tenantPath(document.baseURI);
  return (
    <Drawer opened={opened} onClose={onClose} position="right" size="lg" title={t.shell.requests} closeButtonProps={{ "aria-label": t.common.close }}>
      {call === undefined ? (
        <Text size="sm">{words.none}</Text>
      ) : (
        <Stack>
          <Text size="sm" c="dimmed">
            {words.hint}
          </Text>
          <NativeSelect
            label={words.which}
            value={nameOf(call)}
            data={[...new Set(calls.map(nameOf))]}
            onChange={(event) => choose(event.currentTarget.value)}
          />
          <SegmentedControl
            aria-label={words.form}
            value={form}
            data={Object.keys(FORMS)}
            onChange={(value) => setForm(value as Form)}
          />
          <Code label={form} copy={<CopyIcon value={code} label={words.copy} />}>
            {code}
          </Code>
        </Stack>
      )}
      <Group mt="lg">
        <Anchor href={`${base}/swagger-ui/`} size="sm">
          Swagger UI
        </Anchor>
        <Anchor href={`${base}/docs/`} size="sm">
          {words.documentation}
        </Anchor>
      </Group>
    </Drawer>
  );
}
