import { Button } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { api, body } from "../api/client";
import { tenantQuery } from "../api/first-queries";
import { apiPath } from "../base";
import { useSpeech } from "../i18n";
import { Panel } from "../parts/page";
import { Rename } from "../parts/rename";
import { useMayOwn, useSession, useUserChanged } from "../shell/session";

/** Another name for oneself, where the tenant lets people. */
export function OwnName() {
  const { t } = useSpeech();
  const mayOwn = useMayOwn();
  const changed = useUserChanged();
  const { name } = useSession().user.metadata;
  const tenant = useQuery(tenantQuery);
  if (!mayOwn("users/name:update") || !tenant.data?.nameChange) return null;
  return (
    <Panel title={t.account.name} hint={t.account.nameHint}>
      <Rename
        name={name}
        act={(newName) => body(api.PUT("/users/-/name", { body: { newName } }))}
        onRenamed={changed}
      />
    </Panel>
  );
}

/** All that is kept about oneself, as a file. */
export function OwnData() {
  const { t } = useSpeech();
  const mayOwn = useMayOwn();
  if (!mayOwn("users/data:get")) return null;
  return (
    <Panel title={t.account.data} hint={t.account.dataHint}>
      <Button
        component="a"
        variant="default"
        leftSection={<IconDownload size={16} aria-hidden />}
        href={`${apiPath(document.baseURI)}/users/-/data`}
        download
      >
        {t.account.download}
      </Button>
    </Panel>
  );
}
