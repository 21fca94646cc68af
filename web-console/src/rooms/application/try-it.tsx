import { Alert, Button, Code, Group, MultiSelect, NativeSelect, NumberInput, SimpleGrid, Skeleton, Stack, Text, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconExternalLink, IconInfoCircle } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, body } from "../../api/client";
import { applicationQuery, issuerQuery } from "../../api/queries";
import type { Application } from "../../api/types";
import { consoleAddress } from "../../base";
import { useSpeech } from "../../i18n";
import { CopyIcon, CopyText } from "../../parts/copy";
import { Panel } from "../../parts/page";
import { ProblemAlert } from "../../parts/problem";
import { useMay } from "../../shell/session";
import { callbackOf, PROMPTS, PROOFS, type Asked, type Prompt, type Proof } from "../../try-it/trial";
import { stringifySearch } from "../../url";
import { AtIssuer } from "../try-it/at-issuer";
import { useEditable } from "./edit";
import { Preview } from "./preview";

/** Whether people may come back to the page that shows the result, and the button that changes that. */
function Redirect({ application, uri }: { application: Application; uri: string }) {
  const { t } = useSpeech();
  const words = t.tryIt;
  const client = useQueryClient();
  const editable = useEditable(application);
  const { name, version } = application.metadata;
  const { redirectUris } = application.spec;
  const isThere = redirectUris.includes(uri);
  const change = useMutation({
    mutationFn: () =>
      body(
        api.PATCH("/applications/{name}", {
          params: { path: { name }, header: { "If-Match": `"${version}"` } },
          headers: { "Content-Type": "application/merge-patch+json" },
          // At the end: by the first one pairwise IDs are made.
          body: { spec: { redirectUris: isThere ? redirectUris.filter((known) => known !== uri) : [...redirectUris, uri] } },
        }),
      ),
    onSuccess: (saved) => {
      notifications.show({ color: "teal", message: isThere ? words.removed : words.added });
      client.setQueryData(applicationQuery(name).queryKey, saved);
      void client.invalidateQueries({ queryKey: ["audit"] });
    },
    onError: () => void client.invalidateQueries({ queryKey: applicationQuery(name).queryKey }),
  });
  return (
    <Stack gap="sm">
      {change.isError && <ProblemAlert error={change.error} />}
      <Alert
        color={isThere ? "teal" : "yellow"}
        icon={<IconInfoCircle aria-hidden />}
        title={isThere ? words.redirectThere : words.redirectMissing}
        data-registered={isThere}
      >
        <Stack gap="sm" align="flex-start">
          <Text size="sm">{isThere ? words.redirectThereHint : words.redirectMissingHint}</Text>
          <Group gap={4} wrap="nowrap">
            <Code style={{ overflowWrap: "anywhere" }}>{uri}</Code>
            <CopyIcon value={uri} label={t.connect.copyOf(words.redirectUri)} />
          </Group>
          {editable ? (
            <Button size="compact-sm" variant="default" loading={change.isPending} onClick={() => change.mutate()}>
              {isThere ? words.remove : words.add}
            </Button>
          ) : (
            !isThere && <Text size="sm">{words.redirectOthers}</Text>
          )}
        </Stack>
      </Alert>
    </Stack>
  );
}

/** What is asked for, which becomes the address of the page that begins it. */
function Form({ application, ready }: { application: Application; ready: boolean }) {
  const { t } = useSpeech();
  const words = t.tryIt;
  const { spec, metadata } = application;
  const known = [...new Set([...spec.scopes, ...spec.audiences.flatMap(({ scopes = [] }) => scopes)])];
  const proofs = PROOFS.filter((proof) => spec.authMethods.includes(proof));
  const [scopes, setScopes] = useState(spec.scopes);
  const [resources, setResources] = useState<string[]>([]);
  const [prompt, setPrompt] = useState<Prompt | "">("");
  const [maxAge, setMaxAge] = useState<number | string>("");
  const [loginHint, setLoginHint] = useState("");
  const [proof, setProof] = useState<Proof>(proofs[0] ?? "none");
  const asked: Asked = {
    client_id: metadata.name,
    proof,
    scope: scopes.join(" "),
    resource: resources.join(" "),
    prompt: prompt === "" ? undefined : prompt,
    max_age: String(maxAge),
    login_hint: loginHint.trim(),
  };
  const path = `${consoleAddress(document.baseURI)}/try-it${stringifySearch({ ...asked })}`;
  return (
    <Stack>
      <MultiSelect label={words.scopes} data={known} searchable value={scopes} onChange={setScopes} />
      {spec.audiences.length > 0 && (
        <MultiSelect
          label={words.resources}
          description={words.resourcesHint}
          data={spec.audiences.map(({ audience }) => audience)}
          value={resources}
          onChange={setResources}
        />
      )}
      <SimpleGrid cols={{ base: 1, sm: 2 }} style={{ alignItems: "end" }}>
        <NativeSelect
          label={words.prompt}
          data={(["", ...PROMPTS] as const).map((value) => ({ value, label: words.prompts[value] }))}
          value={prompt}
          onChange={(event) => setPrompt(PROMPTS.find((each) => each === event.currentTarget.value) ?? "")}
        />
        {proofs.length > 1 && (
          <NativeSelect
            label={words.proof}
            data={proofs.map((value) => ({ value, label: t.applications.authMethodNames[value] }))}
            value={proof}
            onChange={(event) => setProof(proofs.find((each) => each === event.currentTarget.value) ?? proof)}
          />
        )}
        <NumberInput
          label={words.maxAge}
          description={words.maxAgeHint}
          min={0}
          max={2_147_483_647}
          allowDecimal={false}
          allowNegative={false}
          hideControls
          value={maxAge}
          onChange={setMaxAge}
        />
        <TextInput
          label={words.loginHint}
          autoComplete="off"
          spellCheck={false}
          value={loginHint}
          onChange={(event) => setLoginHint(event.currentTarget.value)}
        />
      </SimpleGrid>
      <Text size="sm" c="dimmed">
        {words.queryAlone}
      </Text>
      <Alert color="petrol" icon={<IconInfoCircle aria-hidden />} title={words.who}>
        <Stack gap={4}>
          <Text size="sm">{words.whoHint}</Text>
          <Text size="sm">{words.realHint}</Text>
        </Stack>
      </Alert>
      {ready && (
        <Group gap="xs">
          <Button
            component="a"
            href={path}
            target="_blank"
            rel="noopener"
            rightSection={<IconExternalLink size={16} aria-hidden />}
          >
            {words.open}
          </Button>
          <CopyText value={path} label={words.copyLink} />
        </Group>
      )}
    </Stack>
  );
}

function Trying({ application }: { application: Application }) {
  const { t } = useSpeech();
  const words = t.tryIt;
  const issuer = useQuery(issuerQuery);
  if (issuer.data === undefined) {
    if (issuer.isError) return <ProblemAlert error={issuer.error} onRetry={() => void issuer.refetch()} />;
    return <Skeleton height={320} radius="lg" role="status" aria-label={t.common.loading} />;
  }
  const uri = callbackOf(issuer.data);
  return (
    <Panel title={words.title} hint={words.hint}>
      <AtIssuer issuer={issuer.data} path={`/applications/${encodeURIComponent(application.metadata.name)}?tab=try`}>
        <Stack>
          <Redirect application={application} uri={uri} />
          <Form application={application} ready={application.spec.redirectUris.includes(uri)} />
        </Stack>
      </AtIssuer>
    </Panel>
  );
}

/** A real sign-in to an application, and what its tokens would say of somebody. */
export function TryIt({ application }: { application: Application }) {
  const may = useMay();
  return (
    <Stack>
      {/* Where people come back to a built-in application is fixed. */}
      {application.status.origin !== "built-in" && <Trying application={application} />}
      {may("users/applications:preview") && <Preview application={application} />}
    </Stack>
  );
}
