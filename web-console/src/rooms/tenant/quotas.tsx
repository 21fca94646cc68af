import { Skeleton } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { body, system } from "../../api/client";
import { instanceTenantQuery, tenantQuotasQuery } from "../../api/tenant-queries";
import type { TenantQuotas } from "../../api/types";
import { useSpeech } from "../../i18n";
import { EditForm, useEdit } from "../../parts/edit";
import { Panel } from "../../parts/page";
import { ProblemAlert } from "../../parts/problem";
import { useMayOperate } from "../../shell/tenant";
import { QuotaFields } from "../quotas/fields";
import { specOf, usedOf, valuesOf } from "../quotas/values";

function Loaded({ quotas }: { quotas: TenantQuotas }) {
  const may = useMayOperate();
  const client = useQueryClient();
  const { name } = quotas.metadata;
  const edit = useEdit({
    object: quotas,
    queryKey: tenantQuotasQuery(name).queryKey,
    editable: may("tenants/quotas:update"),
    values: valuesOf(quotas.spec),
    put: (values, header) =>
      body(system.PUT("/tenants/{name}/quotas", { params: { path: { name }, header }, body: { spec: specOf(values) } })),
    // The version of the tenant is that of its quotas.
    onSaved: () => void client.invalidateQueries({ queryKey: instanceTenantQuery(name).queryKey }),
  });
  return (
    <EditForm edit={edit}>
      <QuotaFields input={(quota) => edit.input(quota)} values={edit.form.values} used={usedOf(quotas)} />
    </EditForm>
  );
}

/** What a tenant may have at most, as operators decide it. */
export function Quotas({ name }: { name: string }) {
  const { t } = useSpeech();
  const quotas = useQuery(tenantQuotasQuery(name));
  return (
    <Panel title={t.quotas.title} hint={t.quotas.operatorHint}>
      {quotas.data === undefined ? (
        quotas.isError ? (
          <ProblemAlert error={quotas.error} onRetry={() => void quotas.refetch()} />
        ) : (
          <Skeleton height={320} radius="lg" role="status" aria-label={t.common.loading} />
        )
      ) : (
        <Loaded quotas={quotas.data} />
      )}
    </Panel>
  );
}
