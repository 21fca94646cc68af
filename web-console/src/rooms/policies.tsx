import { Alert, Skeleton, Tabs } from "@mantine/core";
import { IconLock } from "@tabler/icons-react";
import { useQuery, type UseQueryOptions } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { policyQueries } from "../api/queries";
import type { PolicyStatus } from "../api/types";
import { useSpeech } from "../i18n";
import { Page } from "../parts/page";
import { ProblemAlert } from "../parts/problem";
import { Guarded } from "../parts/whole-page";
import { useMay } from "../shell/session";
import type { InstanceTab } from "./instance-settings/tabs";
import { Authentication } from "./policies/authentication";
import { Branding } from "./policies/branding";
import { Captcha } from "./policies/captcha";
import { Backups } from "./policies/backups";
import { CrossOrigin } from "./policies/cross-origin";
import { Files } from "./policies/files";
import { Limits } from "./policies/limits";
import { Notifications } from "./policies/notifications";
import { Origins } from "./policies/origins";
import { Passwords } from "./policies/passwords";
import { Sessions } from "./policies/sessions";
import { SigningKeys } from "./policies/signing-keys";
import { SignUp } from "./policies/sign-up";
import { POLICY_TABS, type PolicyTab } from "./policies/tabs";

/** One policy as soon as it is read. */
function Read<P extends { status: PolicyStatus }, K extends readonly unknown[]>({
  query,
  name,
  children,
}: {
  query: UseQueryOptions<P, Error, P, K>;
  /** Its name, if the instance may decide it for all tenants. */
  name?: InstanceTab;
  children: (policy: P) => ReactNode;
}) {
  const { t } = useSpeech();
  const policy = useQuery(query);
  if (policy.data !== undefined)
    return (
      <>
        <Origins policy={name} status={policy.data.status} />
        {children(policy.data)}
      </>
    );
  if (policy.isError) return <ProblemAlert error={policy.error} onRetry={() => void policy.refetch()} />;
  return <Skeleton height={320} radius="lg" role="status" aria-label={t.common.loading} />;
}

const CONTENT: Record<PolicyTab, ReactNode> = {
  passwords: <Read name="password" query={policyQueries.password}>{(policy) => <Passwords policy={policy} />}</Read>,
  "sign-up": <Read name="sign-up" query={policyQueries.signUp}>{(policy) => <SignUp policy={policy} />}</Read>,
  sessions: <Read name="sessions" query={policyQueries.sessions}>{(policy) => <Sessions policy={policy} />}</Read>,
  "signing-keys": <Read query={policyQueries.signingKeys}>{(policy) => <SigningKeys policy={policy} />}</Read>,
  backups: <Read query={policyQueries.backups}>{(policy) => <Backups policy={policy} />}</Read>,
  limits: <Read name="limits" query={policyQueries.limits}>{(policy) => <Limits policy={policy} />}</Read>,
  captcha: <Read query={policyQueries.captcha}>{(policy) => <Captcha policy={policy} />}</Read>,
  branding: <Read name="branding" query={policyQueries.branding}>{(policy) => <Branding policy={policy} />}</Read>,
  authentication: <Read name="authentication" query={policyQueries.authentication}>{(policy) => <Authentication policy={policy} />}</Read>,
  files: <Read name="attachments" query={policyQueries.attachments}>{(policy) => <Files policy={policy} />}</Read>,
  notifications: <Read query={policyQueries.notifications}>{(policy) => <Notifications policy={policy} />}</Read>,
  "cross-origin": <Read name="cross-origin" query={policyQueries.crossOrigin}>{(policy) => <CrossOrigin policy={policy} />}</Read>,
};

function All() {
  const { t } = useSpeech();
  const may = useMay();
  const { tab = "passwords" } = useSearch({ from: "/inside/policies" });
  const navigate = useNavigate({ from: "/policies" });
  return (
    <Page title={t.policies.title} hint={t.policies.hint}>
      {!may("policies:update") && (
        <Alert color="petrol" icon={<IconLock aria-hidden />} mb="md">
          {t.user.readOnly}
        </Alert>
      )}
      <Tabs
        value={tab}
        keepMounted={false}
        onChange={(value) => {
          const chosen = POLICY_TABS.find((known) => known === value);
          void navigate({ search: { tab: chosen === "passwords" ? undefined : chosen } });
        }}
      >
        <Tabs.List mb="md" aria-label={t.policies.parts}>
          {POLICY_TABS.map((known) => (
            <Tabs.Tab key={known} value={known}>
              {t.policies.tabs[known]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {POLICY_TABS.map((known) => (
          <Tabs.Panel key={known} value={known}>
            {CONTENT[known]}
          </Tabs.Panel>
        ))}
      </Tabs>
    </Page>
  );
}

/** What the tenant decides for itself. */
export function Policies() {
  const may = useMay();
  return (
    <Guarded allowed={may("policies:get")}>
      <All />
    </Guarded>
  );
}
