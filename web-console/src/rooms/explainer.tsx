import { Badge, Button, Group, MultiSelect, SegmentedControl, Select, SimpleGrid, Skeleton, Stack, Text, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconHelpHexagon } from "@tabler/icons-react";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { permissionsQuery, whoCanQuery } from "../api/queries";
import type { PermissionItem, Question } from "../api/types";
import { useSpeech } from "../i18n";
import { Decision } from "../parts/decision";
import { Empty } from "../parts/empty";
import { LinkText } from "../parts/link";
import { Page, Panel } from "../parts/page";
import classes from "../parts/parts.module.css";
import { byResource } from "../parts/permission-groups";
import { ProblemAlert } from "../parts/problem";
import { useRoles, roleLabel } from "../parts/role-select";
import { UserSelect } from "../parts/user-select";
import { Guarded } from "../parts/whole-page";
import { useMay } from "../shell/session";
import { questionOf, type ExplainerSearch } from "./explainer-search";

function Asking({ search, items, onChange }: { search: ExplainerSearch; items: PermissionItem[]; onChange: (change: ExplainerSearch) => void }) {
  const { t } = useSpeech();
  const may = useMay();
  const roles = useRoles();
  const groups = byResource(items);
  const verbs = groups.find(({ resource }) => resource === search.resource)?.items ?? [];
  const byRoles = search.who === "roles";
  const [name, setName] = useState(search.name ?? "");
  const sendName = useDebouncedCallback((typed: string) => onChange({ name: typed === "" ? undefined : typed }), 300);
  return (
    <Stack>
      {may("users:list") && (
        <SegmentedControl
          aria-label={t.explain.who}
          value={byRoles ? "roles" : "user"}
          onChange={(who) => onChange({ who: who === "roles" ? "roles" : undefined })}
          data={[
            { value: "user", label: t.explain.aUser },
            { value: "roles", label: t.explain.someRoles },
          ]}
        />
      )}
      {byRoles ? (
        <MultiSelect
          label={t.explain.roles}
          description={t.explain.rolesHint}
          data={roles.map((role) => ({ value: role.metadata.name, label: roleLabel(t, role) }))}
          searchable
          value={search.roles === undefined ? [] : search.roles.split(",")}
          onChange={(chosen) => onChange({ roles: chosen.length === 0 ? undefined : chosen.join(",") })}
        />
      ) : (
        <UserSelect
          label={t.explain.user}
          placeholder={t.users.searchPlaceholder}
          value={search.user}
          onChange={(user) => onChange({ user })}
        />
      )}
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        <Select
          label={t.explain.resource}
          data={groups.map(({ resource }) => resource)}
          searchable
          allowDeselect={false}
          value={search.resource ?? null}
          onChange={(resource) => {
            const first = groups.find((group) => group.resource === resource)?.items;
            const keeps = first?.some(({ verb }) => verb === search.verb) ?? false;
            onChange({ resource: resource ?? undefined, verb: keeps ? search.verb : first?.[0]?.verb });
          }}
        />
        <Select
          label={t.explain.verb}
          data={verbs.map(({ verb }) => verb)}
          disabled={verbs.length === 0}
          allowDeselect={false}
          value={search.verb ?? null}
          onChange={(verb) => onChange({ verb: verb ?? undefined })}
        />
      </SimpleGrid>
      <TextInput
        label={t.explain.name}
        description={t.explain.nameHint}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        value={name}
        onChange={(event) => {
          setName(event.currentTarget.value);
          sendName(event.currentTarget.value.trim());
        }}
      />
    </Stack>
  );
}

function WhoCan({ resource, verb, name }: { resource: string; verb: string; name?: string }) {
  const { t } = useSpeech();
  const may = useMay();
  const who = useInfiniteQuery(whoCanQuery({ resource, verb, name }));
  if (who.isError) return <ProblemAlert error={who.error} onRetry={() => void who.refetch()} />;
  if (who.data === undefined) return <Skeleton height={120} role="status" aria-label={t.common.loading} />;
  const [first] = who.data.pages;
  const users = who.data.pages.flatMap((page) => page.users);
  return (
    <Stack>
      {first?.everybody && (
        <Text size="sm" fw={560}>
          {t.explain.everybody}
        </Text>
      )}
      <Group gap="xs">
        <Text size="sm" c="dimmed">
          {t.explain.byRoles}
        </Text>
        {first?.roles.length === 0 && <Text size="sm">{t.common.none}</Text>}
        {first?.roles.map((role) => (
          <Badge key={role} variant="default">
            {role}
          </Badge>
        ))}
      </Group>
      {users.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t.explain.noUsers}
        </Text>
      ) : (
        <ul className={classes.lines} aria-label={t.explain.whoCan}>
          {users.map((user) => (
            <li key={user.name} className={classes.line}>
              {may("users:get") ? (
                <LinkText to="/users/$name" params={{ name: user.name }} search={{ tab: "access" }} size="sm" fw={560}>
                  {user.displayName || user.name}
                </LinkText>
              ) : (
                <Text size="sm" fw={560}>
                  {user.displayName || user.name}
                </Text>
              )}
              <Text size="sm" c="dimmed">
                {user.name}
              </Text>
            </li>
          ))}
        </ul>
      )}
      {who.hasNextPage && (
        <div>
          <Button variant="default" size="compact-md" loading={who.isFetchingNextPage} onClick={() => void who.fetchNextPage()}>
            {t.explain.more}
          </Button>
        </div>
      )}
    </Stack>
  );
}

function Asked() {
  const { t } = useSpeech();
  const may = useMay();
  const asked = useSearch({ from: "/inside/explainer" });
  // Who may not see users can still ask about roles.
  const search: ExplainerSearch = may("users:list") ? asked : { ...asked, who: "roles" };
  const navigate = useNavigate({ from: "/explainer" });
  const permissions = useQuery({ ...permissionsQuery, enabled: may("permissions:list") });
  const go = (change: ExplainerSearch) => void navigate({ search: (before) => ({ ...before, ...change }), replace: true });
  const question: Question | undefined = questionOf(search);
  const known = permissions.data?.items.find(({ resource, verb }) => resource === search.resource && verb === search.verb);
  return (
    <Page title={t.explain.title} hint={t.explain.hint}>
      {permissions.isError && <ProblemAlert error={permissions.error} onRetry={() => void permissions.refetch()} />}
      <SimpleGrid cols={{ base: 1, md: 2 }} style={{ alignItems: "start" }}>
        <Panel title={t.explain.question}>
          <Asking search={search} items={permissions.data?.items ?? []} onChange={go} />
        </Panel>
        <Stack>
          <Panel title={t.explain.answer} hint={known?.summary}>
            {question === undefined ? (
              <Empty icon={<IconHelpHexagon />} title={t.explain.incomplete} hint={t.explain.incompleteHint} />
            ) : (
              <Decision question={question} />
            )}
          </Panel>
          {search.resource !== undefined && search.verb !== undefined && may("permissions:list") && (
            <Panel title={t.explain.whoCan}>
              <WhoCan resource={search.resource} verb={search.verb} name={search.name} />
            </Panel>
          )}
        </Stack>
      </SimpleGrid>
    </Page>
  );
}

/** Asks the server why somebody may do something, or may not. */
export function Explainer() {
  const may = useMay();
  return (
    <Guarded allowed={may("permissions:explain")}>
      <Asked />
    </Guarded>
  );
}
