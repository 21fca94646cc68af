import { Alert, MultiSelect, SimpleGrid, Skeleton, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { previewQuery } from "../../api/queries";
import type { Application } from "../../api/types";
import { useSpeech } from "../../i18n";
import { CopyIcon } from "../../parts/copy";
import { Panel, Raw } from "../../parts/page";
import { ProblemAlert } from "../../parts/problem";
import { UserSelect } from "../../parts/user-select";

function Claims({ title, claims, none }: { title: string; claims?: Record<string, unknown>; none: string }) {
  const { t } = useSpeech();
  return (
    <div>
      <Title order={3} size="h6" mb={4}>
        {title}
      </Title>
      {claims === undefined ? (
        <Text size="sm" c="dimmed">
          {none}
        </Text>
      ) : (
        <Raw value={claims} label={title} copy={<CopyIcon value={JSON.stringify(claims, null, 2)} label={t.connect.copyOf(title)} />} />
      )}
    </div>
  );
}

function Told({ asked }: { asked: { user: string; application: string; scopes: string[]; resources: string[] } }) {
  const { t, format } = useSpeech();
  const words = t.preview;
  const preview = useQuery(previewQuery(asked));
  if (preview.isError) return <ProblemAlert error={preview.error} onRetry={() => void preview.refetch()} />;
  if (preview.data === undefined) return <Skeleton height={160} role="status" aria-label={t.common.loading} />;
  const { allowed, scopes, idToken, accessToken, userinfo } = preview.data;
  const left = asked.scopes.filter((scope) => !scopes.includes(scope));
  return (
    <Stack>
      <Alert role="status" color={allowed ? "teal" : "red"} data-allowed={allowed} title={allowed ? words.allowed : words.notAllowed}>
        {left.length > 0 && words.left(format.list(left))}
      </Alert>
      <Claims title={t.tryIt.idToken} claims={idToken} none={words.noOpenid} />
      <Claims title={t.tryIt.accessToken} claims={accessToken} none="" />
      <Claims title={words.userinfo} claims={userinfo} none={words.noUserinfo} />
      <Text size="sm" c="dimmed">
        {words.without}
      </Text>
    </Stack>
  );
}

/** What an application would be told of a user who signs in to it. */
export function Preview({ application }: { application: Application }) {
  const { t } = useSpeech();
  const words = t.preview;
  const { spec, metadata } = application;
  const known = [...new Set([...spec.scopes, ...spec.audiences.flatMap(({ scopes = [] }) => scopes)])];
  const [user, setUser] = useState<string>();
  const [scopes, setScopes] = useState(spec.scopes);
  const [resources, setResources] = useState<string[]>([]);
  return (
    <Panel title={words.title} hint={words.hint}>
      <Stack>
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <UserSelect label={words.user} value={user} onChange={setUser} />
          <MultiSelect label={t.tryIt.scopes} data={known} searchable value={scopes} onChange={setScopes} />
          {spec.audiences.length > 0 && (
            <MultiSelect
              label={t.tryIt.resources}
              description={t.tryIt.resourcesHint}
              data={spec.audiences.map(({ audience }) => audience)}
              value={resources}
              onChange={setResources}
            />
          )}
        </SimpleGrid>
        {user !== undefined && <Told asked={{ user, application: metadata.name, scopes, resources }} />}
      </Stack>
    </Panel>
  );
}
