import { Alert, Badge, Skeleton, Tabs } from "@mantine/core";
import { IconApps, IconLock } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { api, body } from "../api/client";
import { problemOf } from "../api/problem";
import { applicationQuery, applicationSecretsQuery } from "../api/queries";
import type { Application } from "../api/types";
import { useSpeech } from "../i18n";
import { CopyIcon } from "../parts/copy";
import { Empty } from "../parts/empty";
import { LinkBack, LinkButton } from "../parts/link";
import { Page, Panel, Raw } from "../parts/page";
import { ProblemAlert } from "../parts/problem";
import { Secrets } from "../parts/secrets";
import { Guarded } from "../parts/whole-page";
import { useMay } from "../shell/session";
import { Access } from "./application/access";
import { Acts } from "./application/acts";
import { Addresses } from "./application/addresses";
import { Connect } from "./application/connect";
import { Logouts } from "./application/logouts";
import { Scopes } from "./application/scopes";
import { Settings } from "./application/settings";
import { TryIt } from "./application/try-it";
import { APPLICATION_TABS, type ApplicationTab } from "./application/tabs";

function SecretsTab({ name }: { name: string }) {
  const { t } = useSpeech();
  const may = useMay();
  return (
    <Secrets
      query={applicationSecretsQuery(name)}
      hint={t.secrets.hint}
      make={
        may("applications/secrets:create")
          ? (expiresAt) => body(api.POST("/applications/{name}/secrets", { params: { path: { name } }, body: { spec: { expiresAt } } }))
          : undefined
      }
      remove={
        may("applications/secrets:delete")
          ? (secret) => body(api.DELETE("/applications/{name}/secrets/{secret}", { params: { path: { name, secret } } }))
          : undefined
      }
    />
  );
}

function Loaded({ application }: { application: Application }) {
  const { t } = useSpeech();
  const search = useSearch({ from: "/inside/applications/$name" });
  const navigate = useNavigate({ from: "/applications/$name" });
  const { spec, status } = application;
  const tabs: Record<ApplicationTab, { shown: boolean; content: ReactNode }> = {
    settings: { shown: true, content: <Settings application={application} /> },
    addresses: { shown: true, content: <Addresses application={application} /> },
    scopes: { shown: true, content: <Scopes application={application} /> },
    access: { shown: true, content: <Access application={application} /> },
    secrets: { shown: !status.public, content: <SecretsTab name={application.metadata.name} /> },
    logouts: {
      shown: spec.backchannelLogoutUri !== undefined,
      content: <Logouts name={application.metadata.name} />,
    },
    connect: { shown: spec.grants.length > 0, content: <Connect application={application} /> },
    // What people sign in to, and what can be said of them.
    try: { shown: spec.grants.includes("authorization_code"), content: <TryIt application={application} /> },
    raw: {
      shown: true,
      content: (
        <Panel title={t.common.raw} hint={t.common.rawHint}>
          <Raw
            value={application}
            label={t.common.raw}
            copy={<CopyIcon value={JSON.stringify(application, null, 2)} label={t.common.copyRaw} />}
          />
        </Panel>
      ),
    },
  };
  const shown = APPLICATION_TABS.filter((tab) => tabs[tab].shown);
  const tab = shown.find((known) => known === search.tab) ?? "settings";
  return (
    <>
      {status.origin === "built-in" && (
        <Alert color="petrol" icon={<IconLock aria-hidden />} mb="md">
          {t.applications.builtInHint}
        </Alert>
      )}
      {status.disabled && (
        <Alert color="red" mb="md">
          {t.applications.disabledHint}
        </Alert>
      )}
      <Tabs
        value={tab}
        keepMounted={false}
        onChange={(value) => {
          const chosen = APPLICATION_TABS.find((known) => known === value);
          void navigate({ search: chosen === "settings" ? {} : { tab: chosen } });
        }}
      >
        <Tabs.List mb="md" aria-label={t.applications.parts}>
          {shown.map((known) => (
            <Tabs.Tab key={known} value={known}>
              {t.applications.tabs[known]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {shown.map((known) => (
          <Tabs.Panel key={known} value={known}>
            {tabs[known].content}
          </Tabs.Panel>
        ))}
      </Tabs>
    </>
  );
}

function One({ name }: { name: string }) {
  const { t } = useSpeech();
  const may = useMay();
  const application = useQuery(applicationQuery(name));
  const back = may("applications:list") && <LinkBack to="/applications">{t.applications.back}</LinkBack>;
  const missing = application.isError && problemOf(application.error).status === 404;
  if (application.isError && (application.data === undefined || missing)) {
    return (
      <Page title={name} above={back}>
        {missing ? (
          <Empty icon={<IconApps />} title={t.applications.missing(name)} hint={t.applications.missingHint}>
            <LinkButton to="/applications" variant="default">
              {t.applications.back}
            </LinkButton>
          </Empty>
        ) : (
          <ProblemAlert error={application.error} onRetry={() => void application.refetch()} />
        )}
      </Page>
    );
  }
  const { data } = application;
  return (
    <Page
      title={data?.spec.displayName ?? name}
      hint={data && `${t.applications.presets[data.status.preset]} · ${name}`}
      above={back}
      badge={data?.status.origin === "built-in" && <Badge color="gray">{t.applications.builtIn}</Badge>}
      actions={data && <Acts application={data} />}
    >
      {data === undefined ? (
        <Skeleton height={320} radius="lg" role="status" aria-label={t.common.loading} />
      ) : (
        <Loaded application={data} />
      )}
    </Page>
  );
}

/** One application: what it is, what it may, its secrets, and how it is connected. */
export function ApplicationPage() {
  const { name } = useParams({ from: "/inside/applications/$name" });
  const may = useMay();
  return (
    <Guarded allowed={may("applications:get")}>
      <One name={name} key={name} />
    </Guarded>
  );
}
