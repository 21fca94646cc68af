import { Badge, Button, Checkbox, MultiSelect, NativeSelect, NumberInput, Stack, Switch, TagsInput, Text, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { body, system } from "../../api/client";
import { instanceSettingQuery } from "../../api/tenant-queries";
import type { InstanceSetting } from "../../api/types";
import { useSpeech } from "../../i18n";
import { BytesInput } from "../../parts/bytes-input";
import { DurationInput } from "../../parts/duration-input";
import { EditForm, useEdit, type Edit } from "../../parts/edit";
import { Panel } from "../../parts/page";
import { ProblemAlert } from "../../parts/problem";
import { useMayOperate } from "../../shell/tenant";
import { memberWords } from "../policies/member-words";
import { fieldOf, patchOf, relocked, valuesOf, type Values } from "./members";
import classes from "./setting.module.css";
import { isOwn, type InstanceTab } from "./tabs";

interface Of {
  setting: InstanceSetting;
  name: string;
  edit: Edit<Values>;
}

function Input({ setting, name, edit }: Of) {
  const { t } = useSpeech();
  const field = fieldOf(setting.status.schema, name);
  const { label, of } = memberWords(t, setting.metadata.name as InstanceTab)(name);
  const choices = (values: string[]) => values.map((value) => ({ value, label: of?.[value] ?? value }));
  const input = edit.input(name, field.kind === "flag" ? "checkbox" : undefined);
  switch (field.kind) {
    case "flag":
      return <Switch label={label} {...input} />;
    case "number":
      if (/seconds$/i.test(name)) return <DurationInput label={label} {...input} />;
      if (name.endsWith("Bytes")) return <BytesInput label={label} {...input} />;
      return <NumberInput label={label} description={of?.[String(input.value)]} hideControls {...input} />;
    case "choice":
      return <NativeSelect label={label} data={[{ value: "", label: t.instanceSettings.byDefault }, ...choices(field.of)]} {...input} />;
    case "words":
      if (of !== undefined) return <MultiSelect label={label} data={choices(Object.keys(of))} {...input} />;
      return <TagsInput label={label} acceptValueOnBlur {...input} />;
    case "text":
      return <TextInput label={label} autoComplete="off" {...input} />;
    default:
      return (
        <Text size="sm">
          {label}. {t.instanceSettings.byApi}
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
  const { label } = memberWords(t, setting.metadata.name as InstanceTab)(name);
  return (
    <li className={classes.member}>
      <Input setting={setting} name={name} edit={edit} />
      {!isOwn(setting.metadata.name) && (
        <Checkbox
          label={words.locked}
          aria-label={words.lockedOf(label)}
          checked={above || locked.includes(name)}
          disabled={!editable || above}
          onChange={(event) => form.setFieldValue("$locked", relocked(locked, name, event.currentTarget.checked))}
        />
      )}
      <div>
        <Badge color={decided ? "petrol" : "gray"}>{decided ? words.decided : words.byDefault}</Badge>
      </div>
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
    <Panel title={words.tabs[name as InstanceTab]} hint={isOwn(name) ? words.ownHint : words.lockHint}>
      {status.problems.length > 0 && (
        <Text size="sm" mb="md">
          {words.problems} {format.list(status.problems.map((member) => memberWords(t, name as InstanceTab)(member).label))}
        </Text>
      )}
      <EditForm edit={edit}>
        <ul className={classes.members}>
          {status.members.map((member) => (
            <Member key={member.name} setting={setting} {...member} edit={edit} />
          ))}
        </ul>
      </EditForm>
      {status.updatedAt !== undefined && status.updatedBy !== undefined && (
        <Text size="xs" c="dimmed" mt="md">
          {words.changed(format.exact(status.updatedAt), status.updatedBy)}
        </Text>
      )}
      {!status.isDefault && may("settings:delete") && <Reset name={name} />}
    </Panel>
  );
}
