import { MultiSelect, Stack, Switch, Text } from "@mantine/core";
import { api, body } from "../../api/client";
import { policyQueries } from "../../api/queries";
import type { NotificationPolicy, NotificationSpec } from "../../api/types";
import { useSpeech } from "../../i18n";
import { EditForm } from "../../parts/edit";
import { Panel } from "../../parts/page";
import { roleLabel, useRoles } from "../../parts/role-select";
import classes from "../../parts/parts.module.css";
import { usePolicyEdit } from "./edit";

const EVENTS = ["signInMethod", "domainFailing", "quotaNear", "backupOverdue", "backupDamaged", "backupDownloaded", "restored"] as const satisfies readonly (keyof NotificationSpec)[];

/** Who is told of what happens to the tenant. */
export function Notifications({ policy }: { policy: NotificationPolicy }) {
  const { t } = useSpeech();
  const words = t.policies.notifications;
  const edit = usePolicyEdit<NotificationPolicy, NotificationSpec>({
    policy,
    queryKey: policyQueries.notifications.queryKey,
    values: policy.spec,
    put: (spec, header) => body(api.PUT("/policies/notifications", { params: { header }, body: { spec, pinned: policy.pinned } })),
  });
  const known = useRoles()
    .filter(({ metadata }) => metadata.name !== "anonymous")
    .map((role) => ({ value: role.metadata.name, label: roleLabel(t, role) }));
  const { form, input } = edit;
  // One that is set shows, even if it is gone, or to somebody who may not see the roles.
  const choices = (event: keyof NotificationSpec) => {
    const others = form.values[event].roles.filter((name) => !known.some(({ value }) => value === name));
    return [...known, ...others.map((name) => ({ value: name, label: name }))];
  };
  return (
    <EditForm edit={edit}>
      <Panel title={words.title} hint={words.hint}>
        <Stack component="ul" gap="sm" className={classes.rules}>
          {EVENTS.map((event) => (
            <li key={event} className={classes.rule}>
              <Stack gap="xs" role="group" aria-label={words.events[event]}>
                <Text size="sm" fw={560}>
                  {words.events[event]}
                </Text>
                <Switch label={words.mail} {...input(`${event}.mail`, "checkbox")} />
                <MultiSelect label={words.roles} data={choices(event)} maxValues={10} searchable {...input(`${event}.roles`)} />
              </Stack>
            </li>
          ))}
        </Stack>
      </Panel>
    </EditForm>
  );
}
