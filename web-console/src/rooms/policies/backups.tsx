import { NumberInput, SimpleGrid, Stack, Switch, TextInput } from "@mantine/core";
import { api, body } from "../../api/client";
import { policyQueries } from "../../api/queries";
import type { BackupPolicy } from "../../api/types";
import { useSpeech } from "../../i18n";
import { EditForm } from "../../parts/edit";
import { Panel } from "../../parts/page";
import { usePolicyEdit } from "./edit";
import { noNumber, type Digits } from "./numbers";

interface Values {
  enabled: boolean;
  at: string;
  includeFiles: boolean;
  keepDaily: Digits;
  keepWeekly: Digits;
  keepMonthly: Digits;
}

/** When a backup is made by itself, and which of those are kept. */
export function Backups({ policy }: { policy: BackupPolicy }) {
  const { t } = useSpeech();
  const words = t.policies.backups;
  const number = noNumber(t);
  const edit = usePolicyEdit<BackupPolicy, Values>({
    policy,
    queryKey: policyQueries.backups.queryKey,
    values: policy.spec,
    validate: { keepDaily: number, keepWeekly: number, keepMonthly: number },
    put: ({ keepDaily, keepWeekly, keepMonthly, ...rest }, header) => {
      const spec = { ...rest, keepDaily: Number(keepDaily), keepWeekly: Number(keepWeekly), keepMonthly: Number(keepMonthly) };
      return body(api.PUT("/policies/backups", { params: { header }, body: { spec, pinned: policy.pinned } }));
    },
  });
  const { input } = edit;
  const digits = { allowDecimal: false, allowNegative: false, hideControls: true };
  return (
    <EditForm edit={edit}>
      <Panel title={words.title} hint={words.hint}>
        <Stack>
          <Switch label={words.enabled} description={words.enabledHint} {...input("enabled", "checkbox")} />
          <TextInput type="time" label={words.at} description={words.atHint} maw={320} {...input("at")} />
          <Switch label={words.includeFiles} {...input("includeFiles", "checkbox")} />
        </Stack>
      </Panel>
      <Panel title={words.kept} hint={words.keptHint}>
        <SimpleGrid cols={{ base: 1, sm: 3 }}>
          <NumberInput label={words.daily} {...digits} {...input("keepDaily")} />
          <NumberInput label={words.weekly} {...digits} {...input("keepWeekly")} />
          <NumberInput label={words.monthly} {...digits} {...input("keepMonthly")} />
        </SimpleGrid>
      </Panel>
    </EditForm>
  );
}
