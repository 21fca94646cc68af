import { Radio, Select, Stack, Switch, TagsInput } from "@mantine/core";
import { api, body } from "../../api/client";
import { policyQueries } from "../../api/queries";
import type { SignUpPolicy } from "../../api/types";
import { useSpeech } from "../../i18n";
import { EditForm } from "../../parts/edit";
import { Panel } from "../../parts/page";
import { useGrantable } from "../../parts/role-select";
import { usePolicyEdit } from "./edit";

const MODES = ["open", "invited", "closed"] as const;

function valuesOf({ spec }: SignUpPolicy) {
  const { mode, allowedDomains = [], blockedDomains = [], verifyBeforeSignIn = false, addressesTold = false } = spec;
  const { defaultRole = null, protectedNames = [], accountDeletion = false, nameChange = false } = spec;
  const flags = { verifyBeforeSignIn, addressesTold, nameChange, accountDeletion };
  return { mode, allowedDomains, blockedDomains, ...flags, defaultRole, protectedNames };
}

/** Who may make an account, and what they must show. */
export function SignUp({ policy }: { policy: SignUpPolicy }) {
  const { t } = useSpeech();
  const words = t.policies.signUp;
  const edit = usePolicyEdit({
    policy,
    queryKey: policyQueries.signUp.queryKey,
    values: valuesOf(policy),
    put: ({ defaultRole, ...rest }: ReturnType<typeof valuesOf>, header) => {
      const spec = { ...rest, ...(defaultRole !== null && { defaultRole }) };
      return body(api.PUT("/policies/sign-up", { params: { header }, body: { spec, pinned: policy.pinned } }));
    },
  });
  const grantable = useGrantable();
  const role = policy.spec.defaultRole;
  // One that is set shows, even to somebody who may not give it.
  const others = role === undefined || grantable.some(({ value }) => value === role) ? [] : [{ value: role, label: role }];
  const { input } = edit;
  return (
    <EditForm edit={edit}>
      <Panel title={words.title} hint={words.hint}>
        <Stack>
          <Radio.Group label={words.mode} {...input("mode")}>
            <Stack gap="sm" mt="xs">
              {MODES.map((mode) => (
                <Radio key={mode} value={mode} label={words.modes[mode]} description={words.modeHints[mode]} disabled={input("mode").disabled} />
              ))}
            </Stack>
          </Radio.Group>
          <TagsInput
            label={words.allowedDomains}
            description={words.allowedDomainsHint}
            maxTags={200}
            acceptValueOnBlur
            {...input("allowedDomains")}
          />
          <TagsInput
            label={words.blockedDomains}
            description={words.blockedDomainsHint}
            maxTags={200}
            acceptValueOnBlur
            {...input("blockedDomains")}
          />
          <Select
            label={words.defaultRole}
            description={words.defaultRoleHint}
            placeholder={words.noRole}
            data={[...grantable, ...others]}
            clearable
            searchable
            {...input("defaultRole")}
          />
          <TagsInput
            label={words.protectedNames}
            description={words.protectedNamesHint}
            maxTags={500}
            acceptValueOnBlur
            {...input("protectedNames")}
          />
          <Switch label={words.verify} description={words.verifyHint} {...input("verifyBeforeSignIn", "checkbox")} />
          <Switch label={words.told} description={words.toldHint} {...input("addressesTold", "checkbox")} />
          <Switch label={words.rename} description={words.renameHint} {...input("nameChange", "checkbox")} />
          <Switch label={words.leave} description={words.leaveHint} {...input("accountDeletion", "checkbox")} />
        </Stack>
      </Panel>
    </EditForm>
  );
}
