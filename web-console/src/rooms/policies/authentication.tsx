import { Switch } from "@mantine/core";
import { api, body } from "../../api/client";
import { policyQueries } from "../../api/queries";
import type { AuthenticationPolicy } from "../../api/types";
import { useSpeech } from "../../i18n";
import { EditForm } from "../../parts/edit";
import { Panel } from "../../parts/page";
import { usePolicyEdit } from "./edit";

/** How people and programs may say who they are. */
export function Authentication({ policy }: { policy: AuthenticationPolicy }) {
  const { t } = useSpeech();
  const words = t.policies.authentication;
  const edit = usePolicyEdit<AuthenticationPolicy, AuthenticationPolicy["spec"]>({
    policy,
    queryKey: policyQueries.authentication.queryKey,
    values: policy.spec,
    put: (spec, header) => body(api.PUT("/policies/authentication", { params: { header }, body: { spec, pinned: policy.pinned } })),
  });
  return (
    <EditForm edit={edit}>
      <Panel title={words.title} hint={words.hint}>
        <Switch label={words.basic} description={words.basicHint} {...edit.input("basicAuth", "checkbox")} />
      </Panel>
    </EditForm>
  );
}
