import { Alert, Badge, Button, Drawer, Group, MultiSelect, Skeleton, Stack, Switch, Text } from "@mantine/core";
import { useForm } from "@mantine/form";
import { notifications } from "@mantine/notifications";
import { IconBulb } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { api, body } from "../../api/client";
import { permissionsQuery, userPermissionsQuery } from "../../api/queries";
import type { DetailedUser } from "../../api/types";
import { useSpeech } from "../../i18n";
import { Decision } from "../../parts/decision";
import { Panel } from "../../parts/page";
import classes from "../../parts/parts.module.css";
import { byResource, held, named, type Held } from "../../parts/permission-groups";
import { Roles } from "../../parts/person";
import { ProblemAlert } from "../../parts/problem";
import { useGrantable } from "../../parts/role-select";
import { ScopeMark } from "../../parts/scope";
import { useMay, useUserChanged } from "../../shell/session";
import { proposed } from "./proposed";

function RolesForm({ detail }: { detail: DetailedUser }) {
  const { t } = useSpeech();
  const grantable = useGrantable();
  const changed = useUserChanged();
  const navigate = useNavigate({ from: "/users/$name" });
  const { give, take } = useSearch({ from: "/inside/users/$name" });
  const { name, version } = detail.user.metadata;
  const now = detail.roles.map(({ metadata }) => metadata.name).filter((role) => role !== "user");
  const form = useForm({ initialValues: { roles: now } });
  const { setFieldValue } = form;
  const from = `${version} ${give ?? ""} ${take ?? ""}`;
  useEffect(() => {
    // What an explanation proposed stands in the form, for a person to save.
    setFieldValue("roles", proposed(now, give, take));
    // The roles are those of the version.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [from]);
  const save = useMutation({
    mutationFn: (roles: string[]) =>
      body(api.POST("/users/{name}/permissions", { params: { path: { name } }, body: { roles } })),
    onSuccess: async () => {
      notifications.show({ color: "teal", message: t.common.saved });
      await changed();
      await navigate({ search: (before) => ({ ...before, give: undefined, take: undefined }), replace: true });
    },
  });
  const chosen = form.values.roles;
  const same = chosen.length === now.length && chosen.every((role) => now.includes(role));
  const choices = [...grantable, ...now.filter((role) => !grantable.some(({ value }) => value === role)).map((role) => ({ value: role, label: role }))];
  return (
    <form noValidate onSubmit={form.onSubmit(({ roles }) => save.mutate(roles))}>
      <Stack>
        {save.isError && <ProblemAlert error={save.error} />}
        {(give !== undefined || take !== undefined) && !same && (
          <Alert color="petrol" icon={<IconBulb aria-hidden />}>
            {t.user.proposedRoles}
          </Alert>
        )}
        <MultiSelect
          label={t.user.roles}
          description={t.user.everybodyHasUser}
          data={choices}
          searchable
          clearable
          clearButtonProps={{ "aria-label": t.common.clear }}
          {...form.getInputProps("roles")}
        />
        <div>
          <Button type="submit" loading={save.isPending} disabled={same}>
            {t.user.saveRoles}
          </Button>
        </div>
      </Stack>
    </form>
  );
}

function Permission({ item, onOpen }: { item: Held; onOpen?: () => void }) {
  const { t } = useSpeech();
  const scope = t.scope[item.scope ?? "none"];
  if (onOpen === undefined) {
    return (
      <Badge variant="default" leftSection={<ScopeMark scope={item.scope} size={14} />} title={item.summary}>
        {item.verb}
      </Badge>
    );
  }
  return (
    <Button
      variant="default"
      size="compact-xs"
      c={item.scope === undefined ? "dimmed" : undefined}
      fw={item.scope === undefined ? 400 : undefined}
      title={item.summary}
      aria-label={`${item.name}: ${scope}`}
      leftSection={<ScopeMark scope={item.scope} size={14} />}
      onClick={onOpen}
    >
      {item.verb}
    </Button>
  );
}

function Effective({ name }: { name: string }) {
  const { t, format } = useSpeech();
  const may = useMay();
  const navigate = useNavigate({ from: "/users/$name" });
  const { why } = useSearch({ from: "/inside/users/$name" });
  const permissions = useQuery(userPermissionsQuery(name));
  const known = useQuery({ ...permissionsQuery, enabled: may("permissions:list") });
  const [all, setAll] = useState(true);
  const open = (permission?: string) => void navigate({ search: (before) => ({ ...before, why: permission }) });
  if (permissions.isError) return <ProblemAlert error={permissions.error} onRetry={() => void permissions.refetch()} />;
  if (permissions.data === undefined) return <Skeleton height={200} role="status" aria-label={t.common.loading} />;
  const items = held(permissions.data.uiPermissions, known.data?.items ?? []);
  const shown = all ? items : items.filter(({ scope }) => scope !== undefined);
  const asked = why === undefined ? undefined : named(why);
  return (
    <Stack>
      <Group justify="space-between" gap="xs">
        <Text size="sm" c="dimmed">
          {t.user.permissionCount(format.number(permissions.data.uiPermissions.length))}
        </Text>
        {known.data !== undefined && (
          <Switch label={t.user.showMissing} checked={all} onChange={(event) => setAll(event.currentTarget.checked)} />
        )}
      </Group>
      <ul className={classes.lines}>
        {byResource(shown).map((group) => (
          <li key={group.resource} className={classes.line}>
            <span className={classes.code} style={{ width: 150 }}>
              {group.resource}
            </span>
            <Group gap={6} flex={1} miw={180}>
              {group.items.map((item) => (
                <Permission
                  key={item.name}
                  item={item}
                  onOpen={may("permissions:explain") ? () => open(item.name) : undefined}
                />
              ))}
            </Group>
          </li>
        ))}
      </ul>
      <Drawer
        opened={asked !== undefined && may("permissions:explain")}
        onClose={() => open()}
        position="right"
        title={t.explain.why}
        closeButtonProps={{ "aria-label": t.common.close }}
      >
        {asked !== undefined && (
          <Decision
            question={{
              user: name,
              resource: asked.resource,
              verb: asked.verb,
              name: items.find((item) => item.name === asked.name)?.scope === "own" ? "-" : "*",
            }}
          />
        )}
      </Drawer>
    </Stack>
  );
}

/** The roles of somebody, and what these come to. */
export function Access({ detail }: { detail: DetailedUser }) {
  const { t } = useSpeech();
  const may = useMay();
  const { name } = detail.user.metadata;
  return (
    <Stack>
      <Panel title={t.user.roles} hint={t.user.rolesHint}>
        {may("users/permissions:create") ? <RolesForm detail={detail} /> : <Roles roles={detail.roles} />}
      </Panel>
      <Panel title={t.user.effective} hint={may("permissions:explain") ? t.user.effectiveHint : undefined}>
        <Effective name={name} />
      </Panel>
    </Stack>
  );
}
