import { Alert, Badge, Group, Skeleton, Stack, Table, Tabs, Text } from "@mantine/core";
import { IconCopyPlus, IconLock, IconShieldQuestion } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { problemOf } from "../api/problem";
import { usersQuery } from "../api/first-queries";
import { permissionsQuery, roleQuery } from "../api/queries";
import type { Role } from "../api/types";
import { useSpeech } from "../i18n";
import { CopyIcon } from "../parts/copy";
import { Empty } from "../parts/empty";
import { LinkBack, LinkButton, LinkText } from "../parts/link";
import { Facts, Page, Panel, Raw } from "../parts/page";
import classes from "../parts/parts.module.css";
import { byResource, scopesOf } from "../parts/permission-groups";
import { Face } from "../parts/person";
import { ProblemAlert } from "../parts/problem";
import { roleWords } from "../parts/role-words";
import { RuleText } from "../parts/rule";
import { ScopeMark } from "../parts/scope";
import { Guarded } from "../parts/whole-page";
import { useMay } from "../shell/session";
import { DeleteRole } from "./role/delete";
import { duplicateOf, NO_ROLE, valuesOf } from "./role/draft";
import { RoleForm } from "./role/form";
import { ROLE_TABS, type RoleTab } from "./role/tabs";

function Back() {
  const { t } = useSpeech();
  return (
    <LinkBack to="/roles">{t.roles.back}</LinkBack>
  );
}

/** A role that cannot be changed here, in words. */
function ReadOnly({ role }: { role: Role }) {
  const { t } = useSpeech();
  return (
    <Stack>
      {role.status.builtIn && (
        <Alert color="petrol" icon={<IconLock aria-hidden />}>
          {t.roles.builtInHint}
        </Alert>
      )}
      <Panel title={t.roles.about}>
        <Facts
          facts={[
            [t.roles.name, role.metadata.name],
            [t.roles.displayName, roleWords(t, role).name],
            [t.roles.description, roleWords(t, role).description || "–"],
            [
              t.roles.inherits,
              role.spec.inherits.length === 0 ? (
                t.common.none
              ) : (
                <Group key="inherits" gap="xs">
                  {role.spec.inherits.map((parent) => (
                    <LinkText key={parent} to="/roles/$name" params={{ name: parent }} size="sm">
                      {parent}
                    </LinkText>
                  ))}
                </Group>
              ),
            ],
          ]}
        />
      </Panel>
      <Panel title={t.rules.title}>
        {role.rules.length === 0 ? (
          <Text size="sm" c="dimmed">
            {t.rules.none}
          </Text>
        ) : (
          <ul className={classes.lines}>
            {role.rules.map((rule) => (
              <li key={JSON.stringify(rule)} className={classes.line}>
                <RuleText rule={rule} />
              </li>
            ))}
          </ul>
        )}
      </Panel>
    </Stack>
  );
}

function Permissions({ role }: { role: Role }) {
  const { t } = useSpeech();
  const permissions = useQuery(permissionsQuery);
  if (permissions.isError) return <ProblemAlert error={permissions.error} onRetry={() => void permissions.refetch()} />;
  if (permissions.data === undefined) return <Skeleton height={240} radius="lg" role="status" aria-label={t.common.loading} />;
  const scopes = scopesOf(role.metadata.name, permissions.data.items);
  const given = permissions.data.items.filter(({ name }) => scopes.has(name));
  return (
    <Panel title={t.roles.permissions} hint={t.roles.permissionsHint}>
      {given.length === 0 && (
        <Text size="sm" c="dimmed">
          {t.roles.noPermissions}
        </Text>
      )}
      <ul className={classes.lines}>
        {byResource(given).map((group) => (
          <li key={group.resource} className={classes.line}>
            <span className={classes.code} style={{ width: 150 }}>
              {group.resource}
            </span>
            <Group gap={6} flex={1} miw={180}>
              {group.items.map((item) => (
                <Badge
                  key={item.name}
                  variant="default"
                  title={item.summary}
                  leftSection={<ScopeMark scope={scopes.get(item.name)} size={14} />}
                >
                  {item.verb}
                </Badge>
              ))}
            </Group>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Holders({ role }: { role: Role }) {
  const { t, format } = useSpeech();
  const may = useMay();
  const { name } = role.metadata;
  const users = useQuery(usersQuery({ size: 20, role: name }));
  if (users.isError) return <ProblemAlert error={users.error} onRetry={() => void users.refetch()} />;
  if (users.data === undefined) return <Skeleton height={240} radius="lg" role="status" aria-label={t.common.loading} />;
  const { items, total, totalIsExact } = users.data;
  const shown = totalIsExact ? format.number(total) : t.common.moreThan(format.number(total));
  return (
    <Panel
      title={t.roles.holders}
      hint={t.users.total(total, shown)}
      aside={
        <LinkButton to="/users" search={{ role: name }} variant="default" size="compact-md">
          {t.roles.allHolders}
        </LinkButton>
      }
    >
      {items.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t.roles.noHolders}
        </Text>
      ) : (
        <Table aria-label={t.roles.holders}>
          <Table.Tbody>
            {items.map(({ user }) => (
              <Table.Tr key={user.metadata.name}>
                <Table.Td>
                  <Group gap="sm" wrap="nowrap">
                    <Face user={user} />
                    {may("users:get") ? (
                      <LinkText to="/users/$name" params={{ name: user.metadata.name }} search={{ tab: "access" }} size="sm" fw={560}>
                        {user.spec.displayName || user.metadata.name}
                      </LinkText>
                    ) : (
                      user.spec.displayName
                    )}
                  </Group>
                </Table.Td>
                <Table.Td style={{ overflowWrap: "anywhere" }}>{user.metadata.name}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Panel>
  );
}

function Loaded({ role }: { role: Role }) {
  const { t } = useSpeech();
  const may = useMay();
  const search = useSearch({ from: "/inside/roles/$name" });
  const navigate = useNavigate({ from: "/roles/$name" });
  const editable = !role.status.builtIn && may("roles:update");
  const tabs: Record<RoleTab, { shown: boolean; content: ReactNode }> = {
    role: {
      shown: true,
      content:         editable ? (
          <RoleForm initial={valuesOf(role)} version={role.metadata.version} onSaved={() => undefined} />
        ) : (
          <ReadOnly role={role} />
        ),
    },
    permissions: { shown: may("permissions:list"), content: <Permissions role={role} /> },
    holders: { shown: may("users:list") && role.status.grantable, content: <Holders role={role} /> },
    raw: {
      shown: true,
      content: (
        <Panel title={t.common.raw} hint={t.common.rawHint}>
          <Raw value={role} label={t.common.raw} copy={<CopyIcon value={JSON.stringify(role, null, 2)} label={t.common.copyRaw} />} />
        </Panel>
      ),
    },
  };
  const shown = ROLE_TABS.filter((tab) => tabs[tab].shown);
  const tab = shown.find((known) => known === search.tab) ?? "role";
  return (
    <Tabs
      value={tab}
      keepMounted={false}
      onChange={(value) => {
        const chosen = ROLE_TABS.find((known) => known === value);
        void navigate({ search: { tab: chosen === "role" ? undefined : chosen } });
      }}
    >
      <Tabs.List mb="md" aria-label={t.roles.parts}>
        {shown.map((known) => (
          <Tabs.Tab key={known} value={known}>
            {t.roles.tabs[known]}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {shown.map((known) => (
        <Tabs.Panel key={known} value={known}>
          {tabs[known].content}
        </Tabs.Panel>
      ))}
    </Tabs>
  );
}

function One({ name }: { name: string }) {
  const { t } = useSpeech();
  const may = useMay();
  const role = useQuery(roleQuery(name));
  if (role.isError && (role.data === undefined || problemOf(role.error).status === 404)) {
    return (
      <Page title={name} above={<Back />}>
        {problemOf(role.error).status === 404 ? (
          <Empty icon={<IconShieldQuestion />} title={t.roles.missing(name)} hint={t.roles.missingHint}>
            <LinkButton to="/roles" variant="default">
              {t.roles.back}
            </LinkButton>
          </Empty>
        ) : (
          <ProblemAlert error={role.error} onRetry={() => void role.refetch()} />
        )}
      </Page>
    );
  }
  const { data } = role;
  return (
    <Page
      title={data === undefined ? name : roleWords(t, data).name}
      hint={data && roleWords(t, data).description}
      above={<Back />}
      badge={data?.status.builtIn && <Badge color="gray">{t.roles.builtIn}</Badge>}
      actions={
        data !== undefined && (
          <>
            {may("roles:create") && (
              <LinkButton
                to="/roles/-"
                search={{ from: name }}
                variant="default"
                leftSection={<IconCopyPlus size={16} aria-hidden />}
              >
                {t.roles.duplicate}
              </LinkButton>
            )}
            {!data.status.builtIn && may("roles:delete") && <DeleteRole role={data} />}
          </>
        )
      }
    >
      {data === undefined ? <Skeleton height={320} radius="lg" role="status" aria-label={t.common.loading} /> : <Loaded role={data} />}
    </Page>
  );
}

/** One role: what it says, what that comes to, and who has it. */
export function RolePage() {
  const { name } = useParams({ from: "/inside/roles/$name" });
  const may = useMay();
  return (
    <Guarded allowed={may("roles:get")}>
      <One name={name} key={name} />
    </Guarded>
  );
}

function New({ from }: { from?: string }) {
  const { t } = useSpeech();
  const navigate = useNavigate();
  const origin = useQuery({ ...roleQuery(from ?? ""), enabled: from !== undefined });
  const initial = origin.data === undefined ? NO_ROLE : duplicateOf(origin.data, t.roles.copyOf(roleWords(t, origin.data).name));
  return (
    <Page title={t.roles.create} hint={t.roles.createHint} above={<Back />}>
      {from !== undefined && origin.isError && <ProblemAlert error={origin.error} onRetry={() => void origin.refetch()} />}
      {from !== undefined && origin.isPending && <Skeleton height={320} radius="lg" role="status" aria-label={t.common.loading} />}
      {(from === undefined || origin.isSuccess) && (
        <RoleForm
          initial={initial}
          onSaved={(role) => void navigate({ to: "/roles/$name", params: { name: role.metadata.name }, replace: true })}
        />
      )}
    </Page>
  );
}

/** A role to be made, empty or as another one is. */
export function NewRole() {
  const { from } = useSearch({ from: "/inside/roles/-" });
  const may = useMay();
  return (
    <Guarded allowed={may("roles:create")}>
      <New from={from} key={from} />
    </Guarded>
  );
}
