import { Button, NumberInput, SimpleGrid, Stack, Text } from "@mantine/core";
import { api, body } from "../../api/client";
import { policyQueries } from "../../api/queries";
import type { LimitPolicy, LimitSpec } from "../../api/types";
import { useSpeech } from "../../i18n";
import type { Texts } from "../../i18n/texts";
import { DurationInput } from "../../parts/duration-input";
import { EditForm, type Edit } from "../../parts/edit";
import { Panel } from "../../parts/page";
import classes from "../../parts/parts.module.css";
import { usePolicyEdit } from "./edit";
import { isDefault, LIMIT_DEFAULTS, LIMIT_GROUPS, type Limit, type LimitGroup } from "./limit-groups";
import { noNumber } from "./numbers";

const GROUPS = Object.keys(LIMIT_GROUPS) as LimitGroup[];

/** Nothing is sent while a number is missing: then the values are a spec. */
function missing(values: LimitSpec, t: Texts): Record<string, string | null> {
  const number = noNumber(t);
  return Object.fromEntries(
    Object.entries(values).flatMap(([limit, fields]) =>
      Object.entries(fields).map(([field, value]) => [`${limit}.${field}`, number(value)]),
    ),
  );
}

function LimitInput({ limit, edit }: { limit: Limit; edit: Edit<LimitSpec> }) {
  const { t } = useSpeech();
  const words = t.policies.limits;
  const { input } = edit;
  const count = (label: string, field: string) => (
    <NumberInput label={label} allowDecimal={false} allowNegative={false} hideControls thousandSeparator=" " {...input(`${limit}.${field}`)} />
  );
  return (
    <li className={classes.rule}>
      <div role="group" aria-label={words.names[limit]}>
        <Text size="sm" fw={560}>
          {words.names[limit]}
        </Text>
        <Text size="xs" c="dimmed" mb="xs">
          {words.hints[limit]}
        </Text>
        {limit === "signInPair" || limit === "signInAccount" ? (
          <SimpleGrid cols={{ base: 1, sm: 2, lg: 4 }}>
            {count(words.free, "free")}
            <DurationInput label={words.first} {...input(`${limit}.firstSeconds`)} />
            <DurationInput label={words.longest} {...input(`${limit}.longestSeconds`)} />
            {count(words.mostFailures, "most")}
          </SimpleGrid>
        ) : (
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            {count(words.most, "most")}
            <DurationInput label={words.within} {...input(`${limit}.seconds`)} />
          </SimpleGrid>
        )}
      </div>
    </li>
  );
}

/** How often things may be tried. */
export function Limits({ policy }: { policy: LimitPolicy }) {
  const { t } = useSpeech();
  const words = t.policies.limits;
  const edit = usePolicyEdit<LimitPolicy, LimitSpec>({
    policy,
    queryKey: policyQueries.limits.queryKey,
    values: policy.spec,
    validate: (values) => missing(values, t),
    put: (spec, header) => body(api.PUT("/policies/limits", { params: { header }, body: { spec, pinned: policy.pinned } })),
  });
  const { form } = edit;
  const reset = (group: LimitGroup) =>
    form.setValues(Object.fromEntries(LIMIT_GROUPS[group].map((limit) => [limit, { ...LIMIT_DEFAULTS[limit] }])));
  return (
    <EditForm edit={edit}>
      <Text size="sm" c="dimmed">
        {words.intro}
      </Text>
      {GROUPS.map((group) => (
        <Panel
          key={group}
          title={words.groups[group]}
          hint={words.groupHints[group]}
          aside={
            edit.editable && (
              <Button
                variant="default"
                size="compact-sm"
                aria-label={words.resetOf(words.groups[group])}
                disabled={isDefault(form.values, group)}
                onClick={() => reset(group)}
                style={{ flex: "none" }}
              >
                {words.reset}
              </Button>
            )
          }
        >
          <Stack component="ul" gap="sm" className={classes.rules}>
            {LIMIT_GROUPS[group].map((limit) => (
              <LimitInput key={limit} limit={limit} edit={edit} />
            ))}
          </Stack>
        </Panel>
      ))}
    </EditForm>
  );
}
