import { Alert, Group, Skeleton, Stack, Tabs, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { issuerQuery } from "../../api/queries";
import type { Application } from "../../api/types";
import { useSpeech } from "../../i18n";
import { CopyIcon } from "../../parts/copy";
import { Code, Facts, Panel } from "../../parts/page";
import { ProblemAlert } from "../../parts/problem";
import { callbackOf } from "../../try-it/trial";
import { discoveryOf, snippetsFor } from "./snippets";

function Copied({ label, value }: { label: string; value: string }) {
  const { t } = useSpeech();
  return (
    <Group gap={4} wrap="nowrap">
      <Text size="sm" ff="monospace" style={{ overflowWrap: "anywhere" }}>
        {value}
      </Text>
      <CopyIcon value={value} label={t.connect.copyOf(label)} />
    </Group>
  );
}

/** What a library or a form needs to know of an application, ready to be pasted. */
export function Connect({ application }: { application: Application }) {
  const { t } = useSpeech();
  const words = t.connect;
  const issuer = useQuery(issuerQuery);
  if (issuer.data === undefined) {
    if (issuer.isError) return <ProblemAlert error={issuer.error} onRetry={() => void issuer.refetch()} />;
    return <Skeleton height={320} radius="lg" role="status" aria-label={t.common.loading} />;
  }
  const snippets = snippetsFor(application, issuer.data);
  const values: [string, string][] = [
    [words.issuer, issuer.data],
    [words.discovery, discoveryOf(issuer.data)],
    [words.clientId, application.metadata.name],
  ];
  return (
    <Stack>
      <Panel title={words.values} hint={words.valuesHint}>
        <Facts facts={values.map(([label, value]) => [label, <Copied key={label} label={label} value={value} />])} />
      </Panel>
      <Panel title={words.snippets} hint={words.snippetsHint}>
        {application.spec.grants.includes("authorization_code") && application.spec.redirectUris.every((uri) => uri === callbackOf(issuer.data)) && (
          <Alert color="yellow" mb="md">
            {words.noRedirectUri}
          </Alert>
        )}
        <Tabs defaultValue={snippets[0]?.id} keepMounted={false}>
          <Tabs.List mb="sm" aria-label={words.snippets}>
            {snippets.map(({ id, name }) => (
              <Tabs.Tab key={id} value={id}>
                {name}
              </Tabs.Tab>
            ))}
          </Tabs.List>
          {snippets.map(({ id, name, code }) => (
            <Tabs.Panel key={id} value={id}>
              <Code label={name} copy={<CopyIcon value={code} label={words.copyOf(name)} />}>
                {code}
              </Code>
            </Tabs.Panel>
          ))}
        </Tabs>
      </Panel>
    </Stack>
  );
}
