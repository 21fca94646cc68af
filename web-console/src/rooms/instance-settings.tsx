import { Skeleton, Tabs } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { instanceSettingQuery } from "../api/tenant-queries";
import { useSpeech } from "../i18n";
import { Page } from "../parts/page";
import { ProblemAlert } from "../parts/problem";
import { Guarded } from "../parts/whole-page";
import { useMayOperate } from "../shell/tenant";
import { Setting } from "./instance-settings/setting";
import { INSTANCE_TABS } from "./instance-settings/tabs";

function Read({ name }: { name: string }) {
  const { t } = useSpeech();
  const setting = useQuery(instanceSettingQuery(name));
  if (setting.data !== undefined) return <Setting setting={setting.data} />;
  if (setting.isError) return <ProblemAlert error={setting.error} onRetry={() => void setting.refetch()} />;
  return <Skeleton height={320} radius="lg" role="status" aria-label={t.common.loading} />;
}

function All() {
  const { t } = useSpeech();
  const words = t.instanceSettings;
  const { tab = "branding" } = useSearch({ from: "/inside/instance-settings" });
  const navigate = useNavigate({ from: "/instance-settings" });
  return (
    <Page title={words.title} hint={words.hint}>
      <Tabs
        value={tab}
        keepMounted={false}
        onChange={(value) => {
          const chosen = INSTANCE_TABS.find((known) => known === value);
          void navigate({ search: { tab: chosen === "branding" ? undefined : chosen } });
        }}
      >
        <Tabs.List mb="md" aria-label={words.parts}>
          {INSTANCE_TABS.map((known) => (
            <Tabs.Tab key={known} value={known}>
              {words.tabs[known]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {INSTANCE_TABS.map((known) => (
          <Tabs.Panel key={known} value={known}>
            <Read name={known} />
          </Tabs.Panel>
        ))}
      </Tabs>
    </Page>
  );
}

/** What the instance decides for all its tenants. */
export function InstanceSettings() {
  const may = useMayOperate();
  return (
    <Guarded allowed={may("settings:get")}>
      <All />
    </Guarded>
  );
}
