import { Badge, Group, MultiSelect, Skeleton, Stack, Table, Tabs, Text, TextInput } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { IconPlus, IconSearch, IconShieldLock } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { Fragment } from "react";
import { rolesQuery } from "../api/first-queries";
import { permissionsQuery } from "../api/queries";
import type { Role } from "../api/types";
import { useSpeech } from "../i18n";
import { Empty } from "../parts/empty";
import { LinkButton, LinkText } from "../parts/link";
import { Page } from "../parts/page";
import classes from "../parts/parts.module.css";
import { byResource, scopesOf } from "../parts/permission-groups";
import { ProblemAlert } from "../parts/problem";
import { roleLabel } from "../parts/role-select";
import { roleWords } from "../parts/role-words";
import { ScopeLegend, ScopeMark } from "../parts/scope";
import { Guarded } from "../parts/whole-page";
import { useMay } from "../shell/session";

/** Columns that are readable at a glance; more are chosen by name. */
const MOST_COLUMNS = 12;

function Kind({ role }: { role: Role }) {
  const { t } = useSpeech();
  return role.status.builtIn ? <Badge color="gray">{t.roles.builtIn}</Badge> : <Badge color="petrol">{t.roles.custom}</Badge>;
}

function Inherits({ role }: { role: Role }) {
  const { t } = useSpeech();
  if (role.spec.inherits.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        {t.common.none}
      </Text>
    );
  }
  return (
    <Group gap={6}>
      {role.spec.inherits.map((parent) => (
        <LinkText key={parent} to="/roles/$name" params={{ name: parent }} size="sm">
          {parent}
        </LinkText>
      ))}
    </Group>
  );
}

function List({ roles }: { roles: Role[] }) {
  const { t } = useSpeech();
  const navigate = useNavigate();
  const cards = useMediaQuery("(max-width: 48em)", undefined, { getInitialValueInEffect: false });
  if (cards) {
    return (
      <div className={classes.surface}>
        <ul className={classes.cards}>
          {roles.map((role) => (
            <li key={role.metadata.name}>
              <Link to="/roles/$name" params={{ name: role.metadata.name }} className={classes.card}>
                <Stack gap={4}>
                  <Group gap="xs">
                    <Text fw={560} size="sm">
                      {roleWords(t, role).name}
                    </Text>
                    <Kind role={role} />
                  </Group>
                  <Text size="sm" c="dimmed">
                    {roleWords(t, role).description || role.metadata.name}
                  </Text>
                </Stack>
              </Link>
            </li>
          ))}
        </ul>
      </div>
    );
  }
  return (
    <div className={classes.surface}>
      <Table.ScrollContainer minWidth={720} type="native">
        <Table verticalSpacing={6} horizontalSpacing="sm" className={classes.table} aria-label={t.roles.title}>
          <Table.Thead>
            <Table.Tr>
              {[t.roles.role, t.roles.description, t.roles.inherits, t.roles.kind].map((name) => (
                <Table.Th key={name}>{name}</Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {roles.map((role) => (
              <Table.Tr
                key={role.metadata.name}
                className={classes.row}
                onClick={(event) => {
                  if (event.target instanceof Element && event.target.closest("a") === null) {
                    void navigate({ to: "/roles/$name", params: { name: role.metadata.name } });
                  }
                }}
              >
                <Table.Td>
                  <LinkText to="/roles/$name" params={{ name: role.metadata.name }} size="sm" fw={560} c="inherit">
                    {roleWords(t, role).name}
                  </LinkText>
                  <Text size="xs" c="dimmed" className={classes.code}>
                    {role.metadata.name}
                  </Text>
                </Table.Td>
                <Table.Td>
                  <Text size="sm">{roleWords(t, role).description}</Text>
                </Table.Td>
                <Table.Td>
                  <Inherits role={role} />
                </Table.Td>
                <Table.Td>
                  <Kind role={role} />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </div>
  );
}

function Matrix({ roles }: { roles: Role[] }) {
  const { t } = useSpeech();
  const may = useMay();
  const { columns, q = "" } = useSearch({ from: "/inside/roles" });
  const navigate = useNavigate({ from: "/roles" });
  const permissions = useQuery(permissionsQuery);
  if (permissions.isError) return <ProblemAlert error={permissions.error} onRetry={() => void permissions.refetch()} />;
  if (permissions.data === undefined) return <Skeleton height={320} radius="lg" role="status" aria-label={t.common.loading} />;
  const named = columns === undefined ? [] : columns.split(",");
  const chosen = named.length > 0 ? roles.filter(({ metadata }) => named.includes(metadata.name)) : roles.slice(0, MOST_COLUMNS);
  const { items } = permissions.data;
  const scopes = chosen.map(({ metadata }) => scopesOf(metadata.name, items));
  const keyword = q.trim().toLowerCase();
  const shown = items.filter(({ name, summary }) => `${name} ${summary}`.toLowerCase().includes(keyword));
  return (
    <Stack>
      <Group justify="space-between" align="flex-end" gap="sm">
        <TextInput
          type="search"
          aria-label={t.roles.searchPermissions}
          placeholder={t.roles.searchPermissions}
          leftSection={<IconSearch size={16} aria-hidden />}
          value={q}
          onChange={({ currentTarget: { value } }) =>
            void navigate({ search: (before) => ({ ...before, q: value === "" ? undefined : value }), replace: true })
          }
          flex="1 1 220px"
          maw={320}
        />
        <MultiSelect
          aria-label={t.roles.columns}
          placeholder={t.roles.columns}
          data={roles.map((role) => ({ value: role.metadata.name, label: roleLabel(t, role) }))}
          value={chosen.length === named.length ? named : []}
          onChange={(names) =>
            void navigate({
              search: (before) => ({ ...before, columns: names.length === 0 ? undefined : names.join(",") }),
              replace: true,
            })
          }
          searchable
          clearable
          clearButtonProps={{ "aria-label": t.common.clear }}
          flex="1 1 260px"
          maw={520}
        />
      </Group>
      <ScopeLegend />
      {shown.length === 0 ? (
        <Empty icon={<IconSearch />} title={t.roles.noPermission(q)} hint={t.roles.noPermissionHint} />
      ) : (
        <div className={classes.surface}>
          <Table.ScrollContainer minWidth={360} maxHeight="72vh" type="native">
            <Table stickyHeader verticalSpacing={6} horizontalSpacing="sm" fz="sm" className={classes.matrix} aria-label={t.roles.matrix}>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{t.explain.permission}</Table.Th>
                  {chosen.map((role) => (
                    <Table.Th key={role.metadata.name} scope="col">
                      <LinkText to="/roles/$name" params={{ name: role.metadata.name }} size="xs">
                        {roleWords(t, role).name}
                      </LinkText>
                    </Table.Th>
                  ))}
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {byResource(shown).map((group) => (
                  <Fragment key={group.resource}>
                    <Table.Tr>
                      <Table.Th scope="rowgroup">{group.resource}</Table.Th>
                      <Table.Td colSpan={chosen.length} p={0} />
                    </Table.Tr>
                    {group.items.map((item) => (
                      <Table.Tr key={item.name} className={classes.cells}>
                        <Table.Td title={item.summary}>
                          {may("permissions:explain") ? (
                            <LinkText
                              to="/explainer"
                              search={{ resource: item.resource, verb: item.verb }}
                              size="sm"
                              aria-label={item.name}
                            >
                              {item.verb}
                            </LinkText>
                          ) : (
                            item.verb
                          )}
                        </Table.Td>
                        {chosen.map((role, column) => (
                          <Table.Td key={role.metadata.name}>
                            <ScopeMark scope={scopes[column]?.get(item.name)} />
                          </Table.Td>
                        ))}
                      </Table.Tr>
                    ))}
                  </Fragment>
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        </div>
      )}
      {named.length === 0 && roles.length > MOST_COLUMNS && (
        <Text size="sm" c="dimmed">
          {t.roles.moreColumns(String(MOST_COLUMNS))}
        </Text>
      )}
    </Stack>
  );
}

function RoleList() {
  const { t } = useSpeech();
  const may = useMay();
  const roles = useQuery(rolesQuery);
  const { view } = useSearch({ from: "/inside/roles" });
  const navigate = useNavigate({ from: "/roles" });
  const items = roles.data?.items;
  const own = items?.filter(({ status }) => !status.builtIn).length ?? 0;
  return (
    <Page
      title={t.roles.title}
      hint={t.roles.hint}
      actions={
        may("roles:create") && (
          <LinkButton to="/roles/-" leftSection={<IconPlus size={18} aria-hidden />}>
            {t.roles.create}
          </LinkButton>
        )
      }
    >
      {roles.isError && items === undefined && <ProblemAlert error={roles.error} onRetry={() => void roles.refetch()} />}
      {roles.isPending && <Skeleton height={320} radius="lg" role="status" aria-label={t.common.loading} />}
      {items !== undefined && (
        <Tabs
          value={view ?? "list"}
          keepMounted={false}
          onChange={(value) => void navigate({ search: value === "matrix" ? { view: "matrix" } : {} })}
        >
          <Tabs.List mb="md" aria-label={t.roles.views}>
            <Tabs.Tab value="list">{t.roles.list}</Tabs.Tab>
            {may("permissions:list") && <Tabs.Tab value="matrix">{t.roles.matrix}</Tabs.Tab>}
          </Tabs.List>
          <Tabs.Panel value="list">
            <Stack>
              <List roles={items} />
              {own === 0 && (
                <Empty icon={<IconShieldLock />} title={t.roles.noneOwn} hint={t.roles.noneOwnHint}>
                  {may("roles:create") && (
                    <LinkButton to="/roles/-" variant="default">
                      {t.roles.create}
                    </LinkButton>
                  )}
                </Empty>
              )}
            </Stack>
          </Tabs.Panel>
          {may("permissions:list") && (
            <Tabs.Panel value="matrix">
              <Matrix roles={items} />
            </Tabs.Panel>
          )}
        </Tabs>
      )}
    </Page>
  );
}

/** Every role: what it is for, what it inherits, and all of them beside each other. */
export function Roles() {
  const may = useMay();
  return (
    <Guarded allowed={may("roles:list")}>
      <RoleList />
    </Guarded>
  );
}
