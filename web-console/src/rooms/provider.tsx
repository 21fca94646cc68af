import { Alert, Group, List, Skeleton, Stack, Text } from "@mantine/core";
import { IconLogin2, IconTrash } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { api, body } from "../api/client";
import { problemOf } from "../api/problem";
import { providerQuery } from "../api/queries";
import type { ProviderConfig } from "../api/types";
import { useSpeech } from "../i18n";
import { ConfirmedAct } from "../parts/confirm";
import { CopyText } from "../parts/copy";
import { Empty } from "../parts/empty";
import { LinkBack, LinkButton } from "../parts/link";
import { Moment } from "../parts/moment";
import { Page, Panel } from "../parts/page";
import { ProblemAlert } from "../parts/problem";
import { Guarded } from "../parts/whole-page";
import { useMay } from "../shell/session";
import { Settings } from "./provider/settings";
import { StateBadge } from "./provider/state";
import { TryProvider } from "./provider/trial";

function Acts({ provider }: { provider: ProviderConfig }) {
  const { t } = useSpeech();
  const words = t.providers;
  const may = useMay();
  const client = useQueryClient();
  const navigate = useNavigate();
  const { name } = provider.metadata;
  const { displayName } = provider.spec;
  const { enabled, missing } = provider.status;
  const path = { name };
  const changed = () => {
    void client.invalidateQueries({ queryKey: ["audit"] });
    return client.invalidateQueries({ queryKey: ["providers"] });
  };
  return (
    <>
      {!enabled && may("auth-providers:enable") && (
        <ConfirmedAct
          key="enable"
          label={words.enable}
          title={words.enableOf(displayName)}
          what={words.enableWhat}
          act={() => body(api.PUT("/auth-providers/{name}/enable", { params: { path } }))}
          done={words.wasEnabled(displayName)}
          onDone={changed}
          colour="petrol"
          disabled={missing.length > 0}
        />
      )}
      {enabled && may("auth-providers:disable") && (
        <ConfirmedAct
          key="disable"
          label={words.disable}
          title={words.disableOf(displayName)}
          what={words.disableWhat}
          act={() => body(api.PUT("/auth-providers/{name}/disable", { params: { path, query: { confirm: true } } }))}
          done={words.wasDisabled(displayName)}
          onDone={changed}
        />
      )}
      {may("auth-provider-configs:test") && <TryProvider provider={provider} />}
      {may("auth-provider-configs:delete") && (
        <ConfirmedAct
          label={words.delete}
          title={words.delete}
          what={words.deleteWhat(displayName)}
          expected={name}
          act={() => body(api.DELETE("/auth-provider-configs/{name}", { params: { path, query: { identities: "remove" } } }))}
          done={words.deleted(displayName)}
          onDone={async () => {
            await navigate({ to: "/sign-in-methods" });
            client.removeQueries({ queryKey: ["providers", "one", name] });
            await changed();
          }}
          leftSection={<IconTrash size={16} aria-hidden />}
        />
      )}
    </>
  );
}

function Loaded({ provider }: { provider: ProviderConfig }) {
  const { t } = useSpeech();
  const words = t.providers;
  const may = useMay();
  const { redirectUri, missing, lastError, lastErrorAt } = provider.status;
  return (
    <Stack>
      {missing.length > 0 && (
        <Alert color="petrol" title={words.incomplete}>
          {missing.map((member) => words.members[member as keyof typeof words.members] ?? member).join(", ")}
        </Alert>
      )}
      {lastError !== undefined && lastErrorAt !== undefined && (
        <Alert color="yellow" title={words.lastError}>
          <Text size="sm">
            <Moment at={lastErrorAt} />: {lastError}
          </Text>
        </Alert>
      )}
      <Panel title={words.redirectUri} hint={words.redirectUriHint}>
        <Group>
          <Text component="code" size="sm" style={{ overflowWrap: "anywhere" }}>
            {redirectUri}
          </Text>
          <CopyText value={redirectUri} label={words.copyRedirectUri} />
        </Group>
      </Panel>
      {may("auth-provider-configs:update") && (
        <Panel title={words.steps}>
          <List type="ordered" size="sm">
            {words.stepsOf[provider.spec.kind].map((step) => (
              <List.Item key={step}>{step}</List.Item>
            ))}
          </List>
        </Panel>
      )}
      <Settings provider={provider} />
    </Stack>
  );
}

function One({ name }: { name: string }) {
  const { t } = useSpeech();
  const words = t.providers;
  const may = useMay();
  const provider = useQuery(providerQuery(name));
  const back = may("auth-provider-configs:list") && <LinkBack to="/sign-in-methods">{words.back}</LinkBack>;
  const missing = provider.isError && problemOf(provider.error).status === 404;
  if (provider.isError && (provider.data === undefined || missing)) {
    return (
      <Page title={t.shell.providers} above={back}>
        {missing ? (
          <Empty icon={<IconLogin2 />} title={words.missing} hint={words.missingHint}>
            <LinkButton to="/sign-in-methods" variant="default">
              {words.back}
            </LinkButton>
          </Empty>
        ) : (
          <ProblemAlert error={provider.error} onRetry={() => void provider.refetch()} />
        )}
      </Page>
    );
  }
  const { data } = provider;
  return (
    <Page
      title={data?.spec.displayName ?? t.shell.providers}
      hint={data?.metadata.name}
      badge={data && <StateBadge provider={data} />}
      above={back}
      actions={data && <Acts provider={data} />}
    >
      {data === undefined ? <Skeleton height={320} radius="lg" role="status" aria-label={t.common.loading} /> : <Loaded provider={data} />}
    </Page>
  );
}

/** One provider: how it is set up, and what to register there. */
export function ProviderPage() {
  const { name } = useParams({ from: "/inside/sign-in-methods/$name" });
  const may = useMay();
  return (
    <Guarded allowed={may("auth-provider-configs:get")}>
      <One name={name} key={name} />
    </Guarded>
  );
}
