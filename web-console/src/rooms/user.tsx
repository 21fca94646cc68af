import { Alert, Group, Skeleton, Stack, Tabs } from "@mantine/core";
import { IconUserQuestion } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { lazy, Suspense, type ReactNode } from "react";
import { api, body } from "../api/client";
import { problemOf } from "../api/problem";
import { userQuery } from "../api/queries";
import type { DetailedUser } from "../api/types";
import { useSpeech } from "../i18n";
import { CopyIcon } from "../parts/copy";
import { Devices } from "../parts/devices";
import { Empty } from "../parts/empty";
import { LinkBack, LinkButton } from "../parts/link";
import { Page, Panel, Raw } from "../parts/page";
import { Face, UserState } from "../parts/person";
import { ProblemAlert } from "../parts/problem";
import { Rename } from "../parts/rename";
import { Identities } from "../parts/identities";
import { UsedApplications } from "../parts/used-applications";
import { Guarded } from "../parts/whole-page";
import { useMay, useUserChanged } from "../shell/session";
import { FirstAid } from "./user/first-aid";
import { Profile } from "./user/profile";
import { USER_TABS, type UserTab } from "./user/tabs";

const Access = lazy(() => import("./user/access").then((room) => ({ default: room.Access })));
const SignInTab = lazy(() => import("./user/sign-in").then((room) => ({ default: room.SignInTab })));
const AuditTrail = lazy(() => import("../parts/audit-trail").then((part) => ({ default: part.AuditTrail })));

function Waiting() {
  const { t } = useSpeech();
  return (
    <div aria-busy aria-label={t.common.loading} role="group">
      <Skeleton height={280} radius="lg" />
    </div>
  );
}

function Loaded({ detail }: { detail: DetailedUser }) {
  const { t } = useSpeech();
  const may = useMay();
  const navigate = useNavigate({ from: "/users/$name" });
  const search = useSearch({ from: "/inside/users/$name" });
  const { name } = detail.user.metadata;
  const tabs: Record<UserTab, { shown: boolean; content: ReactNode }> = {
    profile: { shown: true, content: <Profile detail={detail} /> },
    access: { shown: may("users/permissions:get"), content: <Access detail={detail} /> },
    "sign-in": { shown: true, content: <SignInTab detail={detail} /> },
    sessions: {
      shown: may("users/sessions:list"),
      content: (
        <Stack>
          {may("users/identities:list") && <Identities name={name} mayRemove={may("users/identities:delete")} />}
          <Devices name={name} mayEnd={may("users/sessions:delete")} />
          {may("users/applications:list") && (
            <UsedApplications name={name} mayEnd={may("users/applications:delete")} />
          )}
        </Stack>
      ),
    },
    history: {
      shown: may("audit-events:list"),
      content: (
        <Panel title={t.user.tabs.history} hint={t.user.historyHint}>
          <AuditTrail
            asked={{ object: name, since: detail.user.metadata.creationTimestamp }}
            after={search.before}
            onAfter={(before) => void navigate({ search: (known) => ({ ...known, before, event: undefined }) })}
            event={search.event}
            onEvent={(event) => void navigate({ search: (known) => ({ ...known, event }) })}
          />
        </Panel>
      ),
    },
    raw: {
      shown: true,
      content: (
        <Panel title={t.common.raw} hint={t.common.rawHint}>
          <Raw value={detail} label={t.common.raw} copy={<CopyIcon value={JSON.stringify(detail, null, 2)} label={t.common.copyRaw} />} />
        </Panel>
      ),
    },
  };
  const shown = USER_TABS.filter((tab) => tabs[tab].shown);
  const tab = shown.find((known) => known === search.tab) ?? "profile";
  return (
    <>
      {detail.user.spec.disabled && (
        <Alert color="red" mb="md">
          {t.user.disabledHint}
        </Alert>
      )}
      <Tabs
        value={tab}
        keepMounted={false}
        onChange={(value) => {
          const chosen = USER_TABS.find((known) => known === value);
          void navigate({ search: chosen === "profile" ? {} : { tab: chosen } });
        }}
      >
        <Tabs.List mb="md" aria-label={t.user.parts}>
          {shown.map((known) => (
            <Tabs.Tab key={known} value={known}>
              {t.user.tabs[known]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {shown.map((known) => (
          <Tabs.Panel key={known} value={known}>
            <Suspense fallback={<Waiting />}>{tabs[known].content}</Suspense>
          </Tabs.Panel>
        ))}
      </Tabs>
    </>
  );
}

function Person({ name }: { name: string }) {
  const { t } = useSpeech();
  const user = useQuery(userQuery(name));
  const may = useMay();
  const changed = useUserChanged();
  const navigate = useNavigate({ from: "/users/$name" });
  const back = may("users:list") && (
    <LinkBack to="/users">{t.user.back}</LinkBack>
  );
  if (user.isError && (user.data === undefined || problemOf(user.error).status === 404)) {
    if (problemOf(user.error).status === 404) {
      return (
        <Page title={name} above={back}>
          <Empty icon={<IconUserQuestion />} title={t.user.missing(name)} hint={t.user.missingHint}>
            <LinkButton to="/users" variant="default">
              {t.user.back}
            </LinkButton>
          </Empty>
        </Page>
      );
    }
    return (
      <Page title={name} above={back}>
        <ProblemAlert error={user.error} onRetry={() => void user.refetch()} />
      </Page>
    );
  }
  const { data } = user;
  return (
    <Page
      title={data?.user.spec.displayName || name}
      badge={
        data !== undefined && (
          <Group gap="xs">
            <Face user={data.user} size={36} />
            <UserState disabled={data.user.spec.disabled} />
          </Group>
        )
      }
      actions={
        data !== undefined && (
          <>
            {may("users:rename") && (
              <Rename
                name={data.user.metadata.name}
                act={(newName) => body(api.POST("/users/{name}/rename", { params: { path: { name } }, body: { newName } }))}
                onRenamed={async (now) => {
                  // Before what is read by the old name is read again.
                  await navigate({ params: { name: now }, search: (known) => known, replace: true });
                  await changed();
                }}
              />
            )}
            <FirstAid user={data.user} />
          </>
        )
      }
      above={back}
    >
      {data === undefined ? <Waiting /> : <Loaded detail={data} />}
    </Page>
  );
}

/** One person: who they are, what they may do, where they are signed in, and what was done about them. */
export function UserPage() {
  const { name } = useParams({ from: "/inside/users/$name" });
  const may = useMay();
  return (
    <Guarded allowed={may("users:get")}>
      <Person name={name} key={name} />
    </Guarded>
  );
}
