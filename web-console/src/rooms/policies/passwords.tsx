import { Badge, Checkbox, Group, List, NativeSelect, NumberInput, Radio, SimpleGrid, Stack, Switch, TagsInput, Text } from "@mantine/core";
import { IconCheck, IconX } from "@tabler/icons-react";
import { api, body } from "../../api/client";
import { policyQueries } from "../../api/queries";
import type { PasswordPolicy } from "../../api/types";
import { useSpeech } from "../../i18n";
import { EditForm } from "../../parts/edit";
import { Panel } from "../../parts/page";
import { usePolicyEdit } from "./edit";
import { noNumber } from "./numbers";
import { CLASSES, passwordValues, PRESETS, SCORES, wantedPassword, type PasswordValues } from "./password-values";

function Standard({ name, met }: { name: string; met: boolean }) {
  const { t } = useSpeech();
  return (
    <Badge
      color={met ? "teal" : "yellow"}
      leftSection={met ? <IconCheck size={12} aria-hidden /> : <IconX size={12} aria-hidden />}
    >
      {met ? t.policies.password.meets(name) : t.policies.password.misses(name)}
    </Badge>
  );
}

function Conformance({ policy }: { policy: PasswordPolicy }) {
  const { t } = useSpeech();
  const { nist80063b4, asvs5, why } = policy.status.conformance;
  return (
    <Panel title={t.policies.password.conformance} hint={t.policies.password.conformanceHint}>
      <Stack gap="sm">
        <Group gap="xs">
          <Standard name="NIST SP 800-63B-4" met={nist80063b4} />
          <Standard name="OWASP ASVS 5.0" met={asvs5} />
        </Group>
        {why.length === 0 ? (
          <Text size="sm" c="dimmed">
            {t.policies.password.noReasons}
          </Text>
        ) : (
          // The server gives its reasons in English.
          <List size="sm" lang="en">
            {why.map((reason) => (
              <List.Item key={reason}>{reason}</List.Item>
            ))}
          </List>
        )}
      </Stack>
    </Panel>
  );
}

/** What is asked of passwords. */
export function Passwords({ policy }: { policy: PasswordPolicy }) {
  const { t } = useSpeech();
  const words = t.policies.password;
  const number = noNumber(t);
  const ifCustom = (value: number | string, { preset }: PasswordValues) => (preset === "custom" ? number(value) : null);
  const edit = usePolicyEdit({
    policy,
    queryKey: policyQueries.password.queryKey,
    values: passwordValues(policy),
    validate: { minLength: ifCustom, maxLength: ifCustom },
    put: (values: PasswordValues, header) =>
      body(api.PUT("/policies/password", { params: { header }, body: { spec: wantedPassword(values), pinned: policy.pinned } })),
  });
  const { input } = edit;
  return (
    <EditForm edit={edit}>
      <Panel title={words.rules} hint={words.rulesHint}>
        <Stack>
          <Radio.Group label={words.preset} {...input("preset")}>
            <Stack gap="sm" mt="xs">
              {PRESETS.map((preset) => (
                <Radio
                  key={preset}
                  value={preset}
                  label={words.presets[preset]}
                  description={words.presetHints[preset]}
                  disabled={input("preset").disabled}
                />
              ))}
            </Stack>
          </Radio.Group>
          {edit.form.values.preset === "custom" && (
            <>
              <SimpleGrid cols={{ base: 1, sm: 2 }}>
                <NumberInput label={words.minLength} allowDecimal={false} allowNegative={false} {...input("minLength")} hideControls />
                <NumberInput label={words.maxLength} allowDecimal={false} allowNegative={false} {...input("maxLength")} hideControls />
              </SimpleGrid>
              <Checkbox.Group label={words.classes} {...input("requireClasses")}>
                <Group mt="xs">
                  {CLASSES.map((kind) => (
                    <Checkbox key={kind} value={kind} label={words.classNames[kind]} disabled={input("requireClasses").disabled} />
                  ))}
                </Group>
              </Checkbox.Group>
              <Switch label={words.common} description={words.commonHint} {...input("blocklist.common", "checkbox")} />
              <Switch label={words.contextWords} description={words.contextWordsHint} {...input("blocklist.contextWords", "checkbox")} />
              <NativeSelect
                label={words.score}
                data={SCORES.map((score) => ({ value: String(score), label: `${score} · ${words.scores[score]}` }))}
                {...input("minEstimatorScore")}
              />
            </>
          )}
          <TagsInput
            label={words.words}
            description={words.wordsHint}
            maxTags={200}
            acceptValueOnBlur
            {...input("blocklist.words")}
          />
        </Stack>
      </Panel>
      <Conformance policy={policy} />
    </EditForm>
  );
}
