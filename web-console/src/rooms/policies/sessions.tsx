import { NumberInput, SimpleGrid } from "@mantine/core";
import { api, body } from "../../api/client";
import { policyQueries } from "../../api/queries";
import type { SessionPolicy } from "../../api/types";
import { useSpeech } from "../../i18n";
import { DurationInput } from "../../parts/duration-input";
import { EditForm } from "../../parts/edit";
import { Panel } from "../../parts/page";
import { usePolicyEdit } from "./edit";
import { noNumber, type Digits } from "./numbers";

type Values = Record<keyof SessionPolicy["spec"], Digits>;

/** How long sessions and tokens last. */
export function Sessions({ policy }: { policy: SessionPolicy }) {
  const { t } = useSpeech();
  const words = t.policies.sessions;
  const number = noNumber(t);
  const edit = usePolicyEdit<SessionPolicy, Values>({
    policy,
    queryKey: policyQueries.sessions.queryKey,
    values: policy.spec,
    validate: { accessTokenSeconds: number, idleSeconds: number, absoluteSeconds: number, mostPerUser: number },
    put: (values, header) => body(api.PUT("/policies/sessions", { params: { header }, body: { spec: numbers(values), pinned: policy.pinned } })),
  });
  const { input } = edit;
  return (
    <EditForm edit={edit}>
      <Panel title={words.title} hint={words.hint}>
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <DurationInput label={words.access} description={words.accessHint} {...input("accessTokenSeconds")} />
          <DurationInput label={words.idle} description={words.idleHint} {...input("idleSeconds")} />
          <DurationInput label={words.absolute} description={words.absoluteHint} {...input("absoluteSeconds")} />
          <NumberInput
            label={words.most}
            description={words.mostHint}
            allowDecimal={false}
            allowNegative={false}
            hideControls
            {...input("mostPerUser")}
          />
        </SimpleGrid>
      </Panel>
    </EditForm>
  );
}

const numbers = (values: Values): SessionPolicy["spec"] => ({
  accessTokenSeconds: Number(values.accessTokenSeconds),
  idleSeconds: Number(values.idleSeconds),
  absoluteSeconds: Number(values.absoluteSeconds),
  mostPerUser: Number(values.mostPerUser),
});
