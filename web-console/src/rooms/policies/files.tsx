import { Radio, Stack, Switch, TagsInput } from "@mantine/core";
import { api, body } from "../../api/client";
import { policyQueries } from "../../api/queries";
import type { AttachmentPolicy } from "../../api/types";
import { useSpeech } from "../../i18n";
import { BytesInput } from "../../parts/bytes-input";
import { EditForm } from "../../parts/edit";
import { Panel } from "../../parts/page";
import { usePolicyEdit } from "./edit";
import { noNumber, type Digits } from "./numbers";

const VISIBILITIES = ["private", "public"] as const;

type Values = Omit<AttachmentPolicy["spec"], "maxFileBytes" | "maxTotalBytes"> & { maxFileBytes: Digits; maxTotalBytes: Digits };

/** Which files the tenant takes, and how much of them. */
export function Files({ policy }: { policy: AttachmentPolicy }) {
  const { t } = useSpeech();
  const words = t.policies.files;
  const number = noNumber(t);
  const edit = usePolicyEdit<AttachmentPolicy, Values>({
    policy,
    queryKey: policyQueries.attachments.queryKey,
    values: policy.spec,
    validate: { maxFileBytes: number, maxTotalBytes: number },
    put: ({ maxFileBytes, maxTotalBytes, ...rest }, header) => {
      const spec = { ...rest, maxFileBytes: Number(maxFileBytes), maxTotalBytes: Number(maxTotalBytes) };
      return body(api.PUT("/policies/attachments", { params: { header }, body: { spec, pinned: policy.pinned } }));
    },
  });
  const { input } = edit;
  return (
    <EditForm edit={edit}>
      <Panel title={words.title} hint={words.hint}>
        <Stack>
          <BytesInput label={words.file} maw={320} {...input("maxFileBytes")} />
          <BytesInput label={words.total} description={words.totalHint} maw={320} {...input("maxTotalBytes")} />
          <TagsInput label={words.types} description={words.typesHint} maxTags={100} acceptValueOnBlur {...input("types")} />
          <Switch label={words.redraw} description={words.redrawHint} {...input("redraw", "checkbox")} />
          <Radio.Group label={words.visibility} {...input("defaultVisibility")}>
            <Stack gap="sm" mt="xs">
              {VISIBILITIES.map((value) => (
                <Radio key={value} value={value} label={t.attachments.visibilities[value]} disabled={input("defaultVisibility").disabled} />
              ))}
            </Stack>
          </Radio.Group>
        </Stack>
      </Panel>
    </EditForm>
  );
}
