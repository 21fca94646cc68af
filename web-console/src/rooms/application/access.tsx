import { MultiSelect } from "@mantine/core";
import type { Application } from "../../api/types";
import { useSpeech } from "../../i18n";
import { EditForm } from "../../parts/edit";
import { Panel } from "../../parts/page";
import { useGrantable } from "../../parts/role-select";
import { useApplicationEdit } from "./edit";

function valuesOf({ spec: { roles, accessRoles } }: Application) {
  return { roles, accessRoles };
}

/** Who may sign in to an application, and what it may do itself. */
export function Access({ application }: { application: Application }) {
  const { t } = useSpeech();
  const words = t.applications;
  const edit = useApplicationEdit({ application, values: valuesOf(application), patch: (values) => values });
  const known = useGrantable();
  // Whoever may not see roles sees at least the names of those that it has.
  const choices = (names: string[]) => [
    ...known,
    ...names.filter((name) => known.every(({ value }) => value !== name)).map((name) => ({ value: name, label: name })),
  ];
  const { roles, accessRoles } = application.spec;
  return (
    <EditForm edit={edit}>
      <Panel title={words.access} hint={words.accessHint}>
        <MultiSelect label={words.accessRoles} data={choices(accessRoles)} searchable {...edit.input("accessRoles")} />
      </Panel>
      <Panel title={words.own} hint={words.ownHint}>
        <MultiSelect label={words.roles} data={choices(roles)} searchable {...edit.input("roles")} />
      </Panel>
    </EditForm>
  );
}
