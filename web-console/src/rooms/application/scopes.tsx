import { Autocomplete, Checkbox, Group, MultiSelect, NativeSelect, Select, SimpleGrid, TagsInput, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { allResourceServersQuery, permissionsQuery } from "../../api/queries";
import type { Application, ResourceServer } from "../../api/types";
import { useSpeech } from "../../i18n";
import { EditForm, type Edit } from "../../parts/edit";
import { Panel } from "../../parts/page";
import { RowsInput } from "../../parts/rows-input";
import { useMay } from "../../shell/session";
import { useApplicationEdit } from "./edit";
import { CLAIM_SOURCES, requestsOf, requestsPatch, STANDARD_SCOPES, type Requests } from "./values";

interface Part {
  edit: Edit<Requests>;
}

function OwnScopes({ edit }: Part) {
  const { t } = useSpeech();
  const words = t.applications;
  const may = useMay();
  const permissions = useQuery({ ...permissionsQuery, enabled: may("permissions:list") });
  return (
    <Panel title={words.scopes} hint={words.scopesHint}>
      <TagsInput
        label={words.scopesOf}
        data={[
          { group: words.standardScopes, items: STANDARD_SCOPES },
          { group: words.permissionScopes, items: ["api", ...(permissions.data?.items.map(({ name }) => name) ?? [])] },
        ]}
        maxTags={100}
        maxDropdownHeight={260}
        acceptValueOnBlur
        {...edit.input("scopes")}
      />
    </Panel>
  );
}

function Apis({ edit, apis }: Part & { apis: ResourceServer[] }) {
  const { t } = useSpeech();
  const words = t.applications;
  const { form } = edit;
  const { audiences } = form.values;
  const known = apis.map(({ spec }) => ({ value: spec.audience, label: `${spec.displayName} (${spec.audience})` }));
  return (
    <Panel title={words.apis} hint={words.apisHint}>
      <RowsInput
        rows={audiences}
        editable={edit.editable}
        most={50}
        none={words.noApis}
        add={words.addApi}
        nameOf={words.api}
        onAdd={(row) => form.insertListItem("audiences", { row, audience: "", scopes: [] })}
        onRemove={(index) => form.removeListItem("audiences", index)}
      >
        {({ audience, scopes }, index) => {
          const api = apis.find(({ spec }) => spec.audience === audience);
          const named = api?.spec.scopes.map(({ scope }) => scope) ?? [];
          return (
            <SimpleGrid cols={{ base: 1, sm: 2 }}>
              <Select
                label={words.audience}
                required
                searchable
                nothingFoundMessage={words.noApisKnown}
                data={api === undefined && audience !== "" ? [...known, audience] : known}
                {...edit.input(`audiences.${index}.audience`)}
              />
              <MultiSelect label={words.apiScopes} data={[...new Set([...named, ...scopes])]} searchable {...edit.input(`audiences.${index}.scopes`)} />
            </SimpleGrid>
          );
        }}
      </RowsInput>
    </Panel>
  );
}

function Claims({ edit }: Part) {
  const { t } = useSpeech();
  const words = t.applications;
  const { form } = edit;
  return (
    <Panel title={words.claims} hint={words.claimsHint}>
      <RowsInput
        rows={form.values.claims}
        editable={edit.editable}
        most={50}
        none={words.noClaims}
        add={words.addClaim}
        nameOf={words.claim}
        onAdd={(row) =>
          form.insertListItem("claims", {
            row,
            claim: "",
            source: "",
            form: "array",
            inIdToken: true,
            inAccessToken: false,
            inUserinfo: true,
          })
        }
        onRemove={(index) => form.removeListItem("claims", index)}
      >
        {(_, index) => (
          <>
            <SimpleGrid cols={{ base: 1, sm: 3 }}>
              <TextInput label={words.claimName} required autoComplete="off" spellCheck={false} maxLength={100} {...edit.input(`claims.${index}.claim`)} />
              <Autocomplete label={words.claimSource} required data={[...CLAIM_SOURCES, "label:"]} maxLength={260} {...edit.input(`claims.${index}.source`)} />
              <NativeSelect
                label={words.claimForm}
                data={(["array", "text"] as const).map((value) => ({ value, label: words.claimForms[value] }))}
                {...edit.input(`claims.${index}.form`)}
              />
            </SimpleGrid>
            <Group>
              {(["inIdToken", "inAccessToken", "inUserinfo"] as const).map((place) => (
                <Checkbox key={place} label={words[place]} {...edit.input(`claims.${index}.${place}`, "checkbox")} />
              ))}
            </Group>
          </>
        )}
      </RowsInput>
    </Panel>
  );
}

/** What an application may ask for, and what it is told. */
export function Scopes({ application }: { application: Application }) {
  const may = useMay();
  const apis = useQuery({ ...allResourceServersQuery, enabled: may("resource-servers:list") });
  const edit = useApplicationEdit<Requests>({ application, values: requestsOf(application), patch: requestsPatch });
  return (
    <EditForm edit={edit}>
      <OwnScopes edit={edit} />
      <Apis edit={edit} apis={apis.data?.items ?? []} />
      <Claims edit={edit} />
    </EditForm>
  );
}
