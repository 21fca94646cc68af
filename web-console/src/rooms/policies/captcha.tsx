import { Badge, Button, Group, Input, NativeSelect, NumberInput, PasswordInput, Stack, Switch, TagsInput, TextInput } from "@mantine/core";
import { IconCheck } from "@tabler/icons-react";
import { useState } from "react";
import { api, body } from "../../api/client";
import { policyQueries } from "../../api/queries";
import type { CaptchaPolicy } from "../../api/types";
import { useSpeech } from "../../i18n";
import { EditForm, type Edit } from "../../parts/edit";
import { Panel } from "../../parts/page";
import { captchaValues, OUTAGES, PROVIDERS, secretKept, SIGN_INS, wantedCaptcha, type CaptchaValues } from "./captcha-values";
import { usePolicyEdit } from "./edit";
import { noNumber } from "./numbers";

/** The secret can be given, and it can be seen that there is one; it cannot be seen. */
function Secret({ edit, kept }: { edit: Edit<CaptchaValues>; kept: boolean }) {
  const { t } = useSpeech();
  const words = t.policies.captcha;
  const { form, editable, input } = edit;
  const [replacing, setReplacing] = useState(false);
  if (kept && !replacing && form.values.secret === "") {
    return (
      <Input.Wrapper label={words.secret} labelElement="div" description={words.secretHint}>
        <Group gap="sm" mt="xs">
          <Badge color="teal" leftSection={<IconCheck size={12} aria-hidden />}>
            {words.secretSet}
          </Badge>
          {editable && (
            <Button variant="default" size="compact-sm" onClick={() => setReplacing(true)}>
              {words.replace}
            </Button>
          )}
        </Group>
      </Input.Wrapper>
    );
  }
  return (
    <Stack gap="xs" align="stretch">
      <PasswordInput
        label={words.secret}
        description={words.secretHint}
        autoComplete="off"
        visibilityToggleButtonProps={{ "aria-label": t.signIn.show }}
        {...input("secret")}
        aria-invalid={form.errors.secret !== undefined}
      />
      {kept && (
        <div>
          <Button
            variant="subtle"
            size="compact-sm"
            onClick={() => {
              form.setFieldValue("secret", "");
              setReplacing(false);
            }}
          >
            {words.keep}
          </Button>
        </div>
      )}
    </Stack>
  );
}

/** When people have to show that they are people, and who looks at it. */
export function Captcha({ policy }: { policy: CaptchaPolicy }) {
  const { t } = useSpeech();
  const words = t.policies.captcha;
  const number = noNumber(t);
  const edit = usePolicyEdit<CaptchaPolicy, CaptchaValues>({
    policy,
    queryKey: policyQueries.captcha.queryKey,
    values: captchaValues(policy),
    validate: {
      minScore: (value, { provider }) => (provider === "none" ? null : number(value)),
      secret: (value, { provider }) =>
        provider === "none" || value !== "" || secretKept(policy, provider) ? null : words.secretMissing,
    },
    put: (values, header) => body(api.PUT("/policies/captcha", { params: { header }, body: { spec: wantedCaptcha(values), pinned: policy.pinned } })),
  });
  const { input } = edit;
  const { provider } = edit.form.values;
  return (
    <EditForm edit={edit}>
      <Panel title={words.title} hint={words.hint}>
        <Stack>
          <NativeSelect
            label={words.provider}
            data={PROVIDERS.map((value) => ({ value, label: words.providers[value] }))}
            {...input("provider")}
          />
          {provider !== "none" && (
            <>
              <TextInput
                label={words.siteKey}
                description={words.siteKeyHint}
                required
                autoComplete="off"
                spellCheck={false}
                maxLength={200}
                {...input("siteKey")}
              />
              {/* What was done about the secret of one provider says nothing about that of another. */}
              <Secret key={`${provider} ${policy.metadata.version}`} edit={edit} kept={secretKept(policy, provider)} />
              <TagsInput
                label={words.hostnames}
                description={words.hostnamesHint}
                maxTags={50}
                acceptValueOnBlur
                {...input("hostnames")}
              />
              <NumberInput
                label={words.minScore}
                description={words.minScoreHint}
                step={0.1}
                decimalScale={2}
                allowNegative={false}
                hideControls
                {...input("minScore")}
              />
            </>
          )}
        </Stack>
      </Panel>
      {provider !== "none" && (
        <Panel title={words.required} hint={words.requiredHint}>
          <Stack>
            <Switch label={words.signUp} {...input("required.signUp", "checkbox")} />
            <Switch label={words.sendCode} {...input("required.sendCode", "checkbox")} />
            <Switch label={words.resetPassword} {...input("required.resetPassword", "checkbox")} />
            <NativeSelect
              label={words.signIn}
              data={SIGN_INS.map((value) => ({ value, label: words.signIns[value] }))}
              {...input("required.signIn")}
            />
            <NativeSelect
              label={words.onOutage}
              data={OUTAGES.map((value) => ({ value, label: words.outages[value] }))}
              {...input("onOutage")}
            />
          </Stack>
        </Panel>
      )}
    </EditForm>
  );
}
