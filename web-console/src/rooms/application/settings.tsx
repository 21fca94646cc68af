import { Checkbox, NativeSelect, SimpleGrid, Stack, Switch, Textarea, TextInput } from "@mantine/core";
import type { Application } from "../../api/types";
import { useSpeech } from "../../i18n";
import { ColorField } from "../../parts/color-field";
import { DurationInput } from "../../parts/duration-input";
import { EditForm, type Edit } from "../../parts/edit";
import { Panel } from "../../parts/page";
import { ALGORITHMS } from "../applications-search";
import { useApplicationEdit } from "./edit";
import { AUTH_METHODS, GRANTS, ROTATIONS, settingsOf, settingsPatch, SUBJECT_TYPES, type Settings as Values } from "./values";

interface Part {
  edit: Edit<Values>;
}

function About({ edit: { input } }: Part) {
  const { t } = useSpeech();
  const words = t.applications;
  return (
    <Panel title={words.about}>
      <Stack>
        <TextInput label={words.displayName} required maxLength={100} {...input("displayName")} />
        <Textarea
          label={words.description}
          description={words.descriptionHint}
          autosize
          maxRows={6}
          maxLength={1000}
          {...input("description")}
        />
        <Switch label={words.firstParty} description={words.firstPartyHint} {...input("firstParty", "checkbox")} />
      </Stack>
    </Panel>
  );
}

/** The colour that the chooser begins with where there is none. */
const NO_COLOR = "#000000";

function Look({ edit: { form, input } }: Part) {
  const { t } = useSpeech();
  const words = t.applications;
  const { color } = form.values;
  return (
    <Panel title={words.look} hint={words.lookHint}>
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <ColorField
          label={words.color}
          chooseLabel={words.chooseColor}
          shown={/^#[0-9a-f]{6}$/i.test(color) ? color : NO_COLOR}
          {...input("color")}
        />
        {(["logoUrl", "homeUrl", "policyUrl", "termsUrl"] as const).map((name) => (
          <TextInput key={name} label={words[name]} type="url" autoComplete="off" maxLength={1000} {...input(name)} />
        ))}
      </SimpleGrid>
    </Panel>
  );
}

function Protocol({ edit: { input, editable } }: Part) {
  const { t } = useSpeech();
  const words = t.applications;
  return (
    <Panel title={words.protocol} hint={words.protocolHint}>
      <Stack>
        <Checkbox.Group label={words.grants} {...input("grants")}>
          <Stack gap="xs" mt="xs">
            {GRANTS.map((grant) => (
              <Checkbox key={grant} value={grant} label={words.grantNames[grant]} disabled={!editable} />
            ))}
          </Stack>
        </Checkbox.Group>
        <Checkbox.Group label={words.authMethods} {...input("authMethods")}>
          <Stack gap="xs" mt="xs">
            {AUTH_METHODS.map((method) => (
              <Checkbox key={method} value={method} label={words.authMethodNames[method]} disabled={!editable} />
            ))}
          </Stack>
        </Checkbox.Group>
        <Switch label={words.requirePkce} description={words.requirePkceHint} {...input("requirePkce", "checkbox")} />
        <NativeSelect
          label={words.subjectType}
          data={SUBJECT_TYPES.map((value) => ({ value, label: words.subjectTypes[value] }))}
          {...input("subjectType")}
        />
        <NativeSelect
          label={words.rotation}
          data={ROTATIONS.map((value) => ({ value, label: words.rotations[value] }))}
          {...input("rotation")}
        />
      </Stack>
    </Panel>
  );
}

function Tokens({ edit: { input } }: Part) {
  const { t } = useSpeech();
  const words = t.applications;
  return (
    <Panel title={words.tokens} hint={words.tokensHint}>
      <Stack>
        <SimpleGrid cols={{ base: 1, lg: 2 }}>
          <NativeSelect label={words.idTokenAlg} data={[...ALGORITHMS]} {...input("idTokenAlg")} />
          <NativeSelect label={words.accessTokenAlg} data={[...ALGORITHMS]} {...input("accessTokenAlg")} />
          {(["accessTokenSeconds", "idTokenSeconds", "refreshIdleSeconds", "refreshAbsoluteSeconds"] as const).map((name) => (
            <DurationInput key={name} label={words[name]} {...input(name)} />
          ))}
        </SimpleGrid>
        <Switch label={words.claimsInIdToken} description={words.claimsInIdTokenHint} {...input("claimsInIdToken", "checkbox")} />
      </Stack>
    </Panel>
  );
}

/** What an administrator decides about an application, but for addresses, scopes and roles. */
export function Settings({ application }: { application: Application }) {
  const { t } = useSpeech();
  const edit = useApplicationEdit<Values>({
    application,
    values: settingsOf(application),
    patch: settingsPatch,
    validate: { displayName: (value) => (value.trim() === "" ? t.user.displayNameMissing : null) },
  });
  return (
    <EditForm edit={edit}>
      <SimpleGrid cols={{ base: 1, md: 2 }} style={{ alignItems: "start" }}>
        <Stack>
          <About edit={edit} />
          <Look edit={edit} />
        </Stack>
        <Stack>
          <Protocol edit={edit} />
          <Tokens edit={edit} />
        </Stack>
      </SimpleGrid>
    </EditForm>
  );
}
