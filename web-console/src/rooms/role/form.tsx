import { Button, Group, MultiSelect, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useDisclosure } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, body } from "../../api/client";
import { fieldErrors, problemOf, type FieldProblem } from "../../api/problem";
import { permissionsQuery } from "../../api/queries";
import type { Role } from "../../api/types";
import { useSpeech } from "../../i18n";
import { Modal } from "../../parts/dialog";
import { useFollowing } from "../../parts/following";
import { Panel } from "../../parts/page";
import { roleLabel, useRoles } from "../../parts/role-select";
import { SaveProblem } from "../../parts/save-problem";
import { useMay } from "../../shell/session";
import { draftOf, type RoleValues } from "./draft";
import { RulesInput } from "./rules-input";
import { Simulation } from "./simulation";

const FIELDS = ["name", "displayName", "description", "inherits"] as const;

/** Makes a role, or changes one; what that would change is shown before it is saved. */
export function RoleForm({ initial, version, onSaved }: { initial: RoleValues; version?: number; onSaved: (role: Role) => void }) {
  const { t } = useSpeech();
  const may = useMay();
  const client = useQueryClient();
  const roles = useRoles();
  const permissions = useQuery({ ...permissionsQuery, enabled: may("permissions:list") });
  const [opened, { open, close }] = useDisclosure(false);
  const [others, setOthers] = useState<FieldProblem[]>([]);
  const isNew = version === undefined;
  const form = useForm<RoleValues>({
    initialValues: initial,
    validate: {
      name: (value) => (isNew && value.trim() === "" ? t.create.nameMissing : null),
      displayName: (value) => (value.trim() === "" ? t.user.displayNameMissing : null),
    },
  });
  const base = useFollowing(form, version ?? 0, initial);
  const name = isNew ? form.values.name.trim().toLowerCase() : initial.name;
  const refresh = () => {
    void client.invalidateQueries({ queryKey: ["audit"] });
    void client.invalidateQueries({ queryKey: ["users"] });
    void client.invalidateQueries({ queryKey: ["session"] });
    return client.invalidateQueries({ queryKey: ["roles"] });
  };
  const save = useMutation({
    mutationFn: (values: RoleValues) =>
      isNew
        ? body(api.POST("/roles", { body: { metadata: { name }, ...draftOf(values) } }))
        : body(
            api.PUT("/roles/{name}", {
              params: { path: { name }, header: { "If-Match": `"${base}"` } },
              body: draftOf(values),
            }),
          ),
    onSuccess: async (role) => {
      form.resetDirty();
      close();
      notifications.show({ color: "teal", message: t.common.saved });
      await refresh();
      onSaved(role);
    },
    onError: (error) => {
      const said = fieldErrors(problemOf(error), FIELDS, { role_name_taken: "name", role_unknown: "inherits" });
      form.setErrors(said.fields);
      setOthers(said.others);
      close();
    },
  });
  return (
    <form
      noValidate
      onSubmit={form.onSubmit(() => {
        save.reset();
        open();
      })}
    >
      <Stack>
        {save.isError && (
          <SaveProblem
            error={save.error}
            others={others}
            onReload={() => {
              form.reset();
              save.reset();
              void refresh();
            }}
          />
        )}
        <Panel title={t.roles.about}>
          <Stack>
            {isNew && (
              <TextInput
                label={t.roles.name}
                description={t.roles.nameHint}
                required
                autoComplete="off"
                autoCapitalize="none"
                spellCheck={false}
                maxLength={63}
                {...form.getInputProps("name")}
              />
            )}
            <TextInput label={t.roles.displayName} required maxLength={100} {...form.getInputProps("displayName")} />
            <Textarea label={t.roles.description} autosize maxRows={6} maxLength={1000} {...form.getInputProps("description")} />
            <MultiSelect
              label={t.roles.inherits}
              description={t.roles.inheritsHint}
              data={roles
                .filter(({ metadata }) => metadata.name !== name)
                .map((role) => ({ value: role.metadata.name, label: roleLabel(t, role) }))}
              searchable
              {...form.getInputProps("inherits")}
            />
          </Stack>
        </Panel>
        <Panel title={t.rules.title} hint={t.rules.hint}>
          <RulesInput
            value={form.values.rules}
            items={permissions.data?.items ?? []}
            onChange={(rules) => form.setFieldValue("rules", rules)}
          />
        </Panel>
        <Group gap="xs">
          <Button type="submit" disabled={!isNew && !form.isDirty()}>
            {may("permissions:simulate") ? t.roles.review : t.common.save}
          </Button>
          {!isNew && form.isDirty() && (
            <Button
              variant="subtle"
              onClick={() => {
                form.reset();
                save.reset();
              }}
            >
              {t.common.discard}
            </Button>
          )}
        </Group>
      </Stack>
      <Modal
        opened={opened}
        onClose={close}
        size="xl"
        title={t.simulate.title}
        closeButtonProps={{ "aria-label": t.common.close }}
      >
        <Stack>
          {may("permissions:simulate") ? (
            <Simulation role={name} draft={draftOf(form.values)} />
          ) : (
            <Text size="sm">{t.simulate.notPermitted}</Text>
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              {t.simulate.back}
            </Button>
            <Button loading={save.isPending} onClick={() => save.mutate(form.values)} data-autofocus>
              {isNew ? t.roles.createNow : t.roles.saveNow}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </form>
  );
}
