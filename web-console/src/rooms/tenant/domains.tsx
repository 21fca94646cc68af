import { Skeleton } from "@mantine/core";
import { IconWorldWww } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { body, system } from "../../api/client";
import { domainsOfTenantQuery } from "../../api/tenant-queries";
import type { TenantDomain } from "../../api/types";
import { useSpeech } from "../../i18n";
import { ConfirmedAct } from "../../parts/confirm";
import { Empty } from "../../parts/empty";
import { LinkText } from "../../parts/link";
import { Rows, type Column } from "../../parts/listing";
import { Moment } from "../../parts/moment";
import classes from "../../parts/parts.module.css";
import { ProblemAlert } from "../../parts/problem";
import { useMayOperate } from "../../shell/tenant";
import { State } from "../domain/state";
import { useTenantsChanged } from "./acts";

/** Takes a domain from the tenant that claims it. */
function Release({ domain: { metadata, status } }: { domain: TenantDomain }) {
  const { t } = useSpeech();
  const words = t.tenantDomains;
  const changed = useTenantsChanged();
  const { name: domain } = metadata;
  const { tenant: name } = status;
  return (
    <ConfirmedAct
      size="compact-sm"
      label={words.release}
      title={words.releaseOf(domain)}
      what={status.canonical ? words.releaseWhatCanonical(name) : words.releaseWhat(name)}
      act={() => body(system.POST("/tenants/{name}/domains/{domain}/release", { params: { path: { name, domain } } }))}
      done={words.released(domain)}
      onDone={changed}
    />
  );
}

/** What is shown of the domain of a tenant: of which one, unless that is known. */
export function useDomainColumns(withTenant: boolean): Column<TenantDomain>[] {
  const { t } = useSpeech();
  const words = t.tenantDomains;
  const may = useMayOperate();
  const tenant: Column<TenantDomain> = {
    label: words.tenant,
    cell: ({ status: { tenant: name } }) =>
      may("tenants:get") ? (
        <LinkText to="/tenants/$name" params={{ name }} size="sm">
          {name}
        </LinkText>
      ) : (
        name
      ),
  };
  return [
    { label: t.domains.name, cell: ({ metadata }) => <span style={{ overflowWrap: "anywhere" }}>{metadata.name}</span> },
    ...(withTenant ? [tenant] : []),
    { label: t.domains.state, cell: ({ status }) => <State status={status} /> },
    { label: t.domains.checked, cell: ({ status }) => (status.checkedAt === undefined ? t.domains.never : <Moment at={status.checkedAt} />) },
    { label: t.domains.claimed, cell: ({ metadata }) => <Moment at={metadata.creationTimestamp} /> },
    ...(may("tenants/domains:release") ? [{ label: t.domains.acts, cell: (domain: TenantDomain) => <Release domain={domain} /> }] : []),
  ];
}

/** The domains that one tenant claims. */
export function Domains({ name }: { name: string }) {
  const { t } = useSpeech();
  const columns = useDomainColumns(false);
  const domains = useQuery(domainsOfTenantQuery(name));
  if (domains.data === undefined) {
    return domains.isError ? (
      <ProblemAlert error={domains.error} onRetry={() => void domains.refetch()} />
    ) : (
      <Skeleton height={240} radius="lg" role="status" aria-label={t.common.loading} />
    );
  }
  return (
    <div className={classes.surface}>
      {domains.data.length === 0 ? (
        <Empty icon={<IconWorldWww />} title={t.tenantDomains.ofNone} hint={t.tenantDomains.ofNoneHint} />
      ) : (
        <Rows label={t.tenantDomains.of(name)} items={domains.data} columns={columns} />
      )}
    </div>
  );
}
