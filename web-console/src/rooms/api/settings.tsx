import { NativeSelect, SimpleGrid, Stack, Switch, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { api, body } from "../../api/client";
import { resourceServerQuery } from "../../api/queries";
import type { ResourceServer } from "../../api/types";
import { useSpeech } from "../../i18n";
import { DurationInput } from "../../parts/duration-input";
import { EditForm, useEdit } from "../../parts/edit";
import { Panel } from "../../parts/page";
import { RowsInput } from "../../parts/rows-input";
import { useMay } from "../../shell/session";
import { ALGORITHMS } from "../applications-search";
import { patchOf, valuesOf, type Values } from "./values";

/** What an administrator decides about an API. */
export function Settings({ server }: { server: ResourceServer }) {
  const { t } = useSpeech();
  const words = t.apis;
  const client = useQueryClient();
  const { name } = server.metadata;
  const edit = useEdit<ResourceServer, Values>({
    object: server,
    queryKey: resourceServerQuery(name).queryKey,
    editable: useMay()("resource-servers:update"),
    values: valuesOf(server),
    validate: { displayName: (value) => (value.trim() === "" ? t.user.displayNameMissing : null) },
    put: (values, header) =>
      body(
        api.PATCH("/resource-servers/{name}", {
          params: { path: { name }, header },
          headers: { "Content-Type": "application/merge-patch+json" },
          body: { spec: patchOf(values) },
        }),
      ),
    onSaved: () => {
      void client.invalidateQueries({ queryKey: ["resource-servers", "list"] });
      void client.invalidateQueries({ queryKey: ["resource-servers", "all"] });
      // They lose the scopes that went.
      void client.invalidateQueries({ queryKey: ["applications"] });
    },
  });
  const { form, input } = edit;
  return (
    <EditForm edit={edit}>
      <Panel title={words.about}>
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <TextInput label={words.displayName} required maxLength={100} {...input("displayName")} />
          <TextInput label={words.audience} description={words.audienceHint} readOnly variant="filled" value={server.spec.audience} />
        </SimpleGrid>
      </Panel>
      <Panel title={words.tokens}>
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <NativeSelect label={words.accessTokenAlg} data={[...ALGORITHMS]} {...input("accessTokenAlg")} />
          <DurationInput label={words.accessTokenSeconds} description={words.accessTokenSecondsHint} {...input("accessTokenSeconds")} />
        </SimpleGrid>
      </Panel>
      <Panel title={words.scopes} hint={words.scopesHint}>
        <RowsInput
          rows={form.values.scopes}
          editable={edit.editable}
          most={100}
          none={words.noScopes}
          add={words.addScope}
          nameOf={words.scope}
          onAdd={(row) => form.insertListItem("scopes", { row, scope: "", description: { en: "", zh: "" }, public: false })}
          onRemove={(index) => form.removeListItem("scopes", index)}
        >
          {(_, index) => (
            <Stack gap="sm">
              <SimpleGrid cols={{ base: 1, sm: 3 }}>
                <TextInput label={words.scopeName} required autoComplete="off" spellCheck={false} maxLength={100} {...input(`scopes.${index}.scope`)} />
                <TextInput label={words.descriptionEn} maxLength={300} {...input(`scopes.${index}.description.en`)} />
                <TextInput label={words.descriptionZh} maxLength={300} {...input(`scopes.${index}.description.zh`)} />
              </SimpleGrid>
              <Switch label={words.public} description={words.publicHint} {...input(`scopes.${index}.public`, "checkbox")} />
            </Stack>
          )}
        </RowsInput>
      </Panel>
    </EditForm>
  );
}
