import { Anchor, Group, Skeleton, Stack, Text } from "@mantine/core";
import { IconWorldWww } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { api, body } from "../api/client";
import { problemOf } from "../api/problem";
import { tenantQuery } from "../api/first-queries";
import { domainQuery } from "../api/tenant-queries";
import type { Domain } from "../api/types";
import { useSpeech } from "../i18n";
import { ConfirmedAct } from "../parts/confirm";
import { Empty } from "../parts/empty";
import { LinkBack, LinkButton } from "../parts/link";
import { Moment } from "../parts/moment";
import { Facts, Page, Panel } from "../parts/page";
import { ProblemAlert } from "../parts/problem";
import { Guarded } from "../parts/whole-page";
import { useMay } from "../shell/session";
import { DEFAULT_TENANT } from "../shell/tenant";
import { Move } from "./domain/move";
import { Proof, useDomainsChanged } from "./domain/proof";
import { State } from "./domain/state";

/** Where the tenant is by a domain, and whether that is where it is for everybody. */
function Address({ domain }: { domain: Domain }) {
  const { t } = useSpeech();
  const words = t.domains;
  const may = useMay();
  const { data: tenant } = useQuery(tenantQuery);
  const { status } = domain;
  const isDefault = tenant?.name === DEFAULT_TENANT;
  const isProven = status.state !== "pending";
  const hint = !isProven ? words.pendingHint : isDefault ? words.ofDefault : status.canonical ? words.canonicalHint : words.aliasHint;
  const isMovable = status.canonical || (status.state === "verified" && tenant !== undefined && !isDefault);
  return (
    <Panel title={words.address} hint={hint}>
      <Stack>
        <Text size="sm">
          {isProven ? (
            <Anchor href={status.url} target="_blank" rel="noreferrer" style={{ overflowWrap: "anywhere" }}>
              {status.url}
            </Anchor>
          ) : (
            status.url
          )}
        </Text>
        {isMovable && may("domains:make-canonical") && (
          <Group>
            <Move domain={domain} />
          </Group>
        )}
      </Stack>
    </Panel>
  );
}

function Loaded({ domain: { metadata, status }, domain }: { domain: Domain }) {
  const { t } = useSpeech();
  const words = t.domains;
  const moment = (name: string, at: string | undefined): [string, ReactNode] => [
    name,
    at === undefined ? words.never : <Moment key={name} at={at} />,
  ];
  return (
    <Stack>
      <Proof domain={domain} />
      <Address domain={domain} />
      <Panel title={words.about}>
        <Facts
          facts={[
            moment(words.claimed, metadata.creationTimestamp),
            moment(words.checked, status.checkedAt),
            moment(words.verified, status.verifiedAt),
            ...(status.problem === undefined ? [] : ([[words.problem, status.problem]] as [string, ReactNode][])),
          ]}
        />
      </Panel>
    </Stack>
  );
}

function GiveUp({ name }: { name: string }) {
  const { t } = useSpeech();
  const words = t.domains;
  const client = useQueryClient();
  const navigate = useNavigate();
  const changed = useDomainsChanged();
  return (
    <ConfirmedAct
      label={words.giveUp}
      title={words.giveUpOf(name)}
      what={words.giveUpWhat}
      act={() => body(api.DELETE("/domains/{name}", { params: { path: { name } } }))}
      done={words.givenUp(name)}
      onDone={async () => {
        await navigate({ to: "/domains" });
        client.removeQueries({ queryKey: ["domains", "one", name] });
        await changed();
      }}
    />
  );
}

function One({ name }: { name: string }) {
  const { t } = useSpeech();
  const words = t.domains;
  const may = useMay();
  const domain = useQuery(domainQuery(name));
  const back = may("domains:list") && <LinkBack to="/domains">{words.back}</LinkBack>;
  const missing = domain.isError && problemOf(domain.error).status === 404;
  if (domain.isError && (domain.data === undefined || missing)) {
    return (
      <Page title={name} above={back}>
        {missing ? (
          <Empty icon={<IconWorldWww />} title={words.missing(name)} hint={words.missingHint}>
            <LinkButton to="/domains" variant="default">
              {words.back}
            </LinkButton>
          </Empty>
        ) : (
          <ProblemAlert error={domain.error} onRetry={() => void domain.refetch()} />
        )}
      </Page>
    );
  }
  const { data } = domain;
  return (
    <Page
      title={name}
      above={back}
      badge={data && <State status={data.status} />}
      // One that addresses begin with is not given up.
      actions={data !== undefined && !data.status.canonical && may("domains:delete") && <GiveUp name={name} />}
    >
      {data === undefined ? (
        <Skeleton height={320} radius="lg" role="status" aria-label={t.common.loading} />
      ) : (
        <Loaded domain={data} />
      )}
    </Page>
  );
}

/** A domain of the tenant: how it is proven, and what it is for. */
export function DomainPage() {
  const { name } = useParams({ from: "/inside/domains/$name" });
  const may = useMay();
  return (
    <Guarded allowed={may("domains:get")}>
      <One name={name} key={name} />
    </Guarded>
  );
}
