import { Skeleton, Tabs } from "@mantine/core";
import { IconApi, IconTrash } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { api, body } from "../api/client";
import { problemOf } from "../api/problem";
import { resourceServerQuery, resourceServerSecretsQuery } from "../api/queries";
import type { ResourceServer } from "../api/types";
import { useSpeech } from "../i18n";
import { ConfirmedAct } from "../parts/confirm";
import { CopyIcon } from "../parts/copy";
import { Empty } from "../parts/empty";
import { LinkBack, LinkButton } from "../parts/link";
import { Page, Panel, Raw } from "../parts/page";
import { ProblemAlert } from "../parts/problem";
import { Secrets } from "../parts/secrets";
import { Guarded } from "../parts/whole-page";
import { useMay } from "../shell/session";
import { Settings } from "./api/settings";
import { API_TABS, type ApiTab } from "./api/tabs";

function SecretsTab({ name }: { name: string }) {
  const { t } = useSpeech();
  const may = useMay();
  return (
    <Secrets
      query={resourceServerSecretsQuery(name)}
      hint={`${t.apis.secretsHint} ${t.secrets.hint}`}
      make={
        may("resource-servers/secrets:create")
          ? (expiresAt) => body(api.POST("/resource-servers/{name}/secrets", { params: { path: { name } }, body: { spec: { expiresAt } } }))
          : undefined
      }
      remove={
        may("resource-servers/secrets:delete")
          ? (secret) => body(api.DELETE("/resource-servers/{name}/secrets/{secret}", { params: { path: { name, secret } } }))
          : undefined
      }
    />
  );
}

function Loaded({ server }: { server: ResourceServer }) {
  const { t } = useSpeech();
  const { tab = "settings" } = useSearch({ from: "/inside/apis/$name" });
  const navigate = useNavigate({ from: "/apis/$name" });
  const tabs: Record<ApiTab, ReactNode> = {
    settings: <Settings server={server} />,
    secrets: <SecretsTab name={server.metadata.name} />,
    raw: (
      <Panel title={t.common.raw} hint={t.common.rawHint}>
        <Raw value={server} label={t.common.raw} copy={<CopyIcon value={JSON.stringify(server, null, 2)} label={t.common.copyRaw} />} />
      </Panel>
    ),
  };
  return (
    <Tabs
      value={tab}
      keepMounted={false}
      onChange={(value) => {
        const chosen = API_TABS.find((known) => known === value);
        void navigate({ search: chosen === "settings" ? {} : { tab: chosen } });
      }}
    >
      <Tabs.List mb="md" aria-label={t.apis.parts}>
        {API_TABS.map((known) => (
          <Tabs.Tab key={known} value={known}>
            {t.apis.tabs[known]}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {API_TABS.map((known) => (
        <Tabs.Panel key={known} value={known}>
          {tabs[known]}
        </Tabs.Panel>
      ))}
    </Tabs>
  );
}

function Delete({ server }: { server: ResourceServer }) {
  const { t } = useSpeech();
  const client = useQueryClient();
  const navigate = useNavigate();
  const { name, version } = server.metadata;
  const { displayName } = server.spec;
  return (
    <ConfirmedAct
      label={t.apis.delete}
      title={t.apis.delete}
      what={t.apis.deleteWhat(displayName)}
      expected={displayName}
      act={() => body(api.DELETE("/resource-servers/{name}", { params: { path: { name }, header: { "If-Match": `"${version}"` } } }))}
      done={t.apis.deleted(displayName)}
      onDone={async () => {
        await navigate({ to: "/apis" });
        client.removeQueries({ queryKey: ["resource-servers", "one", name] });
        void client.invalidateQueries({ queryKey: ["audit"] });
        void client.invalidateQueries({ queryKey: ["applications"] });
        await client.invalidateQueries({ queryKey: ["resource-servers"] });
      }}
      leftSection={<IconTrash size={16} aria-hidden />}
    />
  );
}

function One({ name }: { name: string }) {
  const { t } = useSpeech();
  const may = useMay();
  const server = useQuery(resourceServerQuery(name));
  const back = may("resource-servers:list") && <LinkBack to="/apis">{t.apis.back}</LinkBack>;
  const missing = server.isError && problemOf(server.error).status === 404;
  if (server.isError && (server.data === undefined || missing)) {
    return (
      <Page title={t.apis.title} above={back}>
        {missing ? (
          <Empty icon={<IconApi />} title={t.apis.missing} hint={t.apis.missingHint}>
            <LinkButton to="/apis" variant="default">
              {t.apis.back}
            </LinkButton>
          </Empty>
        ) : (
          <ProblemAlert error={server.error} onRetry={() => void server.refetch()} />
        )}
      </Page>
    );
  }
  const { data } = server;
  return (
    <Page
      title={data?.spec.displayName ?? t.apis.title}
      hint={data?.spec.audience}
      above={back}
      actions={data && may("resource-servers:delete") && <Delete server={data} />}
    >
      {data === undefined ? <Skeleton height={320} radius="lg" role="status" aria-label={t.common.loading} /> : <Loaded server={data} />}
    </Page>
  );
}

/** One API: what its tokens may permit, and what it asks about them with. */
export function ApiPage() {
  const { name } = useParams({ from: "/inside/apis/$name" });
  const may = useMay();
  return (
    <Guarded allowed={may("resource-servers:get")}>
      <One name={name} key={name} />
    </Guarded>
  );
}
