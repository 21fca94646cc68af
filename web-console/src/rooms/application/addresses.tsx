import { Stack, TagsInput, TextInput } from "@mantine/core";
import type { Application } from "../../api/types";
import { useSpeech } from "../../i18n";
import { EditForm } from "../../parts/edit";
import { Panel } from "../../parts/page";
import { useApplicationEdit } from "./edit";

const KINDS = ["redirectUris", "postLogoutRedirectUris", "allowedOrigins"] as const;

function valuesOf({ spec: { redirectUris, postLogoutRedirectUris, allowedOrigins, backchannelLogoutUri = "" } }: Application) {
  return { redirectUris, postLogoutRedirectUris, allowedOrigins, backchannelLogoutUri };
}

/** Where people come back to, and where pages that call this server come from. */
export function Addresses({ application }: { application: Application }) {
  const { t } = useSpeech();
  const words = t.applications;
  const edit = useApplicationEdit({
    application,
    values: valuesOf(application),
    patch: (values) => ({
      ...values,
      backchannelLogoutUri: values.backchannelLogoutUri.trim() === "" ? null : values.backchannelLogoutUri.trim(),
    }),
  });
  return (
    <EditForm edit={edit}>
      <Panel title={words.addresses} hint={words.addressesHint}>
        <Stack>
          {KINDS.map((kind) => (
            <TagsInput
              key={kind}
              label={words[kind]}
              description={words[`${kind}Hint`]}
              maxTags={50}
              // An address may have commas.
              splitChars={[]}
              acceptValueOnBlur
              {...edit.input(kind)}
            />
          ))}
          <TextInput
            label={words.backchannelLogoutUri}
            description={words.backchannelLogoutUriHint}
            {...edit.input("backchannelLogoutUri")}
          />
        </Stack>
      </Panel>
    </EditForm>
  );
}
