import { NumberInput, SimpleGrid, Stack, Switch } from "@mantine/core";
import { api, body } from "../../api/client";
import { policyQueries } from "../../api/queries";
import type { SigningKeyPolicy } from "../../api/types";
import { useSpeech } from "../../i18n";
import { EditForm } from "../../parts/edit";
import { Panel } from "../../parts/page";
import { usePolicyEdit } from "./edit";
import { noNumber, type Digits } from "./numbers";

interface Values {
  automatic: boolean;
  periodDays: Digits;
  leadDays: Digits;
}

/** When keys are rotated. */
export function SigningKeys({ policy }: { policy: SigningKeyPolicy }) {
  const { t } = useSpeech();
  const words = t.policies.signingKeys;
  const number = noNumber(t);
  const edit = usePolicyEdit<SigningKeyPolicy, Values>({
    policy,
    queryKey: policyQueries.signingKeys.queryKey,
    values: policy.spec,
    validate: { periodDays: number, leadDays: number },
    put: ({ automatic, periodDays, leadDays }, header) => {
      const spec = { automatic, periodDays: Number(periodDays), leadDays: Number(leadDays) };
      return body(api.PUT("/policies/signing-keys", { params: { header }, body: { spec, pinned: policy.pinned } }));
    },
  });
  const { input } = edit;
  const days = { allowDecimal: false, allowNegative: false, hideControls: true };
  return (
    <EditForm edit={edit}>
      <Panel title={words.title} hint={words.hint}>
        <Stack>
          <Switch label={words.automatic} description={words.automaticHint} {...input("automatic", "checkbox")} />
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            <NumberInput label={words.period} description={words.periodHint} {...days} {...input("periodDays")} />
            <NumberInput label={words.lead} description={words.leadHint} {...days} {...input("leadDays")} />
          </SimpleGrid>
        </Stack>
      </Panel>
    </EditForm>
  );
}
