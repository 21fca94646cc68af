import { Badge, Button, Checkbox, Code, Group, NativeSelect, NumberInput, Stack, Switch, TagsInput, Text, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { body, system } from "../../api/client";
import { instanceSettingQuery } from "../../api/tenant-queries";
import type { InstanceSetting } from "../../api/types";
import { useSpeech } from "../../i18n";
import { EditForm, useEdit, type Edit } from "../../parts/edit";
import { Panel } from "../../parts/page";
import { ProblemAlert } from "../../parts/problem";
import { useMayOperate } from "../../shell/tenant";
import { fieldOf, patchOf, relocked, valuesOf, type Values } from "./members";
import type { InstanceTab } from "./tabs";

interface Of {
  setting: InstanceSetting;
  name: string;
  edit: Edit<Values>;
}

function Input({ setting, name, edit }: Of) {
  const { t } = useSpeech();
  const field = fieldOf(setting.status.schema, name);
  switch (field.kind) {
    case "flag":
      return <Switch label={name} {...edit.input(name, "checkbox")} />;
    case "number":
      return <NumberInput label={name} hideControls {...edit.input(name)} />;
    case "choice":
      return <NativeSelect label={name} data={field.of} {...edit.input(name)} />;
    case "words":
      return <TagsInput label={name} acceptValueOnBlur {...edit.input(name)} />;
    case "text":
      return <TextInput label={name} autoComplete="off" {...edit.input(name)} />;
    default:
      return (
        <Text size="sm">
          <Code>{name}</Code> {t.instanceSettings.byApi}
        </Text>
      );
  }
}

function Member({ setting, name, edit, decided }: Of & { decided: boolean }) {
  const { t } = useSpeech();
  const words = t.instanceSettings;
  const { form, editable } = edit;
  const locked = form.values.$locked;
  // A lock of what it is in holds for it as well.
  const above = locked.some((other) => name.startsWith(`${other}.`));
  return (
    <li>
      <Group align="flex-end" gap="md">
        <div style={{ flex: "1 1 260px" }}>
          <Input setting={setting} name={name} edit={edit} />
        </div>
        <Checkbox
          label={words.lock(name)}
          checked={above || locked.includes(name)}
          disabled={!editable || above}
          onChange={(event) => form.setFieldValue("$locked", relocked(locked, name, event.currentTarget.checked))}
          pb={8}
        />
        <Badge variant="light" color={decided ? "petrol" : "gray"} mb={8}>
          {decided ? words.decided : words.byDefault}
        </Badge>
      </Group>
    </li>
  );
}

function Reset({ name }: { name: string }) {
  const { t } = useSpeech();
  const client = useQueryClient();
  const reset = useMutation({
    mutationFn: () => body(system.DELETE("/settings/{name}", { params: { path: { name } } })),
    onSuccess: () => void client.invalidateQueries({ queryKey: instanceSettingQuery(name).queryKey }),
  });
  return (
    <Stack gap="xs" align="flex-start" mt="md">
      {reset.isError && <ProblemAlert error={reset.error} />}
      <Button variant="default" loading={reset.isPending} onClick={() => reset.mutate()}>
        {t.instanceSettings.reset}
      </Button>
      <Text size="xs" c="dimmed">
        {t.instanceSettings.resetHint}
      </Text>
    </Stack>
  );
}

/** What the instance decides of one policy for all its tenants. */
export function Setting({ setting }: { setting: InstanceSetting }) {
  const { t, format } = useSpeech();
  const words = t.instanceSettings;
  const may = useMayOperate();
  const { metadata, status } = setting;
  const { name } = metadata;
  const edit = useEdit({
    object: setting,
    queryKey: instanceSettingQuery(name).queryKey,
    editable: may("settings:update"),
    values: valuesOf(setting),
    put: (values, header) =>
      body(
        system.PATCH("/settings/{name}", {
          params: { path: { name }, header },
          headers: { "Content-Type": "application/merge-patch+json" },
          body: patchOf(setting, values),
        }),
      ),
  });
  return (
    <Panel title={words.tabs[name as InstanceTab]} hint={words.lockHint}>
      {status.problems.length > 0 && (
        <Text size="sm" mb="md">
          {words.problems} {status.problems.join(", ")}
        </Text>
      )}
      <EditForm edit={edit}>
        <Stack component="ul" gap="md" p={0} m={0} style={{ listStyle: "none" }}>
          {status.members.map((member) => (
            <Member key={member.name} setting={setting} {...member} edit={edit} />
          ))}
        </Stack>
      </EditForm>
      {status.updatedAt !== undefined && status.updatedBy !== undefined && (
        <Text size="xs" c="dimmed" mt="md">
          {words.changed(format.moment(status.updatedAt), status.updatedBy)}
        </Text>
      )}
      {!status.isDefault && may("settings:delete") && <Reset name={name} />}
    </Panel>
  );
}
