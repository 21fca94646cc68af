import { TagsInput } from "@mantine/core";
import { api, body } from "../../api/client";
import { policyQueries } from "../../api/queries";
import type { CrossOriginPolicy } from "../../api/types";
import { useSpeech } from "../../i18n";
import { EditForm } from "../../parts/edit";
import { Panel } from "../../parts/page";
import { usePolicyEdit } from "./edit";

function valuesOf({ spec: { allowedOrigins = [] } }: CrossOriginPolicy) {
  return { allowedOrigins };
}

/** Which pages of other origins may call the API from a browser. */
export function CrossOrigin({ policy }: { policy: CrossOriginPolicy }) {
  const { t } = useSpeech();
  const words = t.policies.crossOrigin;
  const edit = usePolicyEdit({
    policy,
    queryKey: policyQueries.crossOrigin.queryKey,
    values: valuesOf(policy),
    put: (spec: ReturnType<typeof valuesOf>, header) => body(api.PUT("/policies/cross-origin", { params: { header }, body: { spec, pinned: policy.pinned } })),
  });
  return (
    <EditForm edit={edit}>
      <Panel title={words.title} hint={words.hint}>
        <TagsInput label={words.origins} description={words.originsHint} maxTags={100} acceptValueOnBlur {...edit.input("allowedOrigins")} />
      </Panel>
    </EditForm>
  );
}
