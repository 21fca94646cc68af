import { Skeleton, Tabs } from "@mantine/core";
import { IconBuildingCommunity } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { problemOf } from "../api/problem";
import { instanceTenantQuery } from "../api/tenant-queries";
import type { InstanceTenant } from "../api/types";
import { useSpeech } from "../i18n";
import { CopyIcon } from "../parts/copy";
import { Empty } from "../parts/empty";
import { LinkBack, LinkButton } from "../parts/link";
import { Page, Panel, Raw } from "../parts/page";
import { ProblemAlert } from "../parts/problem";
import { Guarded } from "../parts/whole-page";
import { useMayOperate } from "../shell/tenant";
import { Acts } from "./tenant/acts";
import { Domains } from "./tenant/domains";
import { Quotas } from "./tenant/quotas";
import { Settings, StateHint } from "./tenant/settings";
import { State } from "./tenant/state";
import { TENANT_TABS, type TenantTab } from "./tenant/tabs";

function Loaded({ tenant }: { tenant: InstanceTenant }) {
  const { t } = useSpeech();
  const may = useMayOperate();
  const search = useSearch({ from: "/inside/tenants/$name" });
  const navigate = useNavigate({ from: "/tenants/$name" });
  const { name } = tenant.metadata;
  const tabs: Record<TenantTab, { shown: boolean; content: ReactNode }> = {
    settings: { shown: true, content: <Settings tenant={tenant} /> },
    quotas: { shown: true, content: <Quotas name={name} /> },
    domains: { shown: may("tenants/domains:list"), content: <Domains name={name} /> },
    raw: {
      shown: true,
      content: (
        <Panel title={t.common.raw} hint={t.common.rawHint}>
          <Raw
            value={tenant}
            label={t.common.raw}
            copy={<CopyIcon value={JSON.stringify(tenant, null, 2)} label={t.common.copyRaw} />}
          />
        </Panel>
      ),
    },
  };
  const shown = TENANT_TABS.filter((tab) => tabs[tab].shown);
  const tab = shown.find((known) => known === search.tab) ?? "settings";
  return (
    <>
      <StateHint status={tenant.status} />
      <Tabs
        value={tab}
        keepMounted={false}
        onChange={(value) => {
          const chosen = TENANT_TABS.find((known) => known === value);
          void navigate({ search: chosen === "settings" ? {} : { tab: chosen } });
        }}
      >
        <Tabs.List mb="md" aria-label={t.tenants.parts}>
          {shown.map((known) => (
            <Tabs.Tab key={known} value={known}>
              {t.tenants.tabs[known]}
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
  const may = useMayOperate();
  const tenant = useQuery(instanceTenantQuery(name));
  const back = may("tenants:list") && <LinkBack to="/tenants">{t.tenants.back}</LinkBack>;
  const missing = tenant.isError && problemOf(tenant.error).status === 404;
  if (tenant.isError && (tenant.data === undefined || missing)) {
    return (
      <Page title={name} above={back}>
        {missing ? (
          <Empty icon={<IconBuildingCommunity />} title={t.tenants.missing(name)} hint={t.tenants.missingHint}>
            <LinkButton to="/tenants" variant="default">
              {t.tenants.back}
            </LinkButton>
          </Empty>
        ) : (
          <ProblemAlert error={tenant.error} onRetry={() => void tenant.refetch()} />
        )}
      </Page>
    );
  }
  const { data } = tenant;
  return (
    <Page
      title={data?.spec.displayName ?? name}
      hint={name}
      above={back}
      badge={data && <State state={data.status.state} />}
      actions={data && <Acts tenant={data} />}
    >
      {data === undefined ? (
        <Skeleton height={320} radius="lg" role="status" aria-label={t.common.loading} />
      ) : (
        <Loaded tenant={data} />
      )}
    </Page>
  );
}

/** One tenant of the instance: how it stands, what it may have, and its domains. */
export function TenantPage() {
  const { name } = useParams({ from: "/inside/tenants/$name" });
  const may = useMayOperate();
  return (
    <Guarded allowed={may("tenants:get")}>
      <One name={name} key={name} />
    </Guarded>
  );
}
