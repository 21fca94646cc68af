import { Alert, NativeSelect, NumberInput, PasswordInput, SimpleGrid, Stack, Switch, Text, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { api, body } from "../../api/client";
import { providerQuery } from "../../api/queries";
import type { ProviderConfig } from "../../api/types";
import { useSpeech } from "../../i18n";
import { EditForm, useEdit, type Edit } from "../../parts/edit";
import { Moment } from "../../parts/moment";
import { Panel } from "../../parts/page";
import { useMay } from "../../shell/session";
import { patchOf, valuesOf, type Values } from "./values";

/** The words of a choice, in the order of the table. */
const choices = (words: Record<string, string>) => Object.entries(words).map(([value, label]) => ({ value, label }));

function Connection({ edit, provider }: { edit: Edit<Values>; provider: ProviderConfig }) {
  const { t } = useSpeech();
  const words = t.providers;
  const { secretSetAt } = provider.status;
  return (
    <Panel title={words.connection} hint={words.connectionHint}>
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <TextInput label={words.issuer} description={words.issuerHint} type="url" spellCheck={false} maxLength={500} {...edit.input("issuer")} />
        <TextInput label={words.clientId} description={words.clientIdHint} autoComplete="off" spellCheck={false} maxLength={500} {...edit.input("clientId")} />
        <PasswordInput
          label={words.clientSecret}
          description={secretSetAt === undefined ? words.noSecret : <>{words.secretSince} <Moment at={secretSetAt} /></>}
          placeholder={secretSetAt === undefined ? undefined : words.secretStays}
          autoComplete="new-password"
          maxLength={1000}
          visibilityToggleButtonProps={{ "aria-label": words.showSecret }}
          {...edit.input("clientSecret")}
        />
        <NativeSelect label={words.authMethod} data={choices(words.authMethods)} {...edit.input("authMethod")} />
        <TextInput label={words.scopes} description={words.scopesHint} autoComplete="off" spellCheck={false} {...edit.input("scopes")} />
      </SimpleGrid>
    </Panel>
  );
}

function Accounts({ edit }: { edit: Edit<Values> }) {
  const { t } = useSpeech();
  const words = t.providers;
  const { link, emailTrust } = edit.form.values;
  return (
    <Panel title={words.accounts} hint={words.accountsHint}>
      <Stack>
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <NativeSelect label={words.emailTrust} description={words.emailTrustHint} data={choices(words.emailTrusts)} {...edit.input("emailTrust")} />
          <TextInput label={words.domains} description={words.domainsHint} placeholder="example.com" autoComplete="off" spellCheck={false} {...edit.input("domains")} />
          <NativeSelect label={words.signUp} data={choices(words.signUps)} {...edit.input("signUp")} />
          <NativeSelect label={words.link} description={words.linkHint} data={choices(words.links)} {...edit.input("link")} />
        </SimpleGrid>
        {(link === "automatic" || emailTrust !== "never") && (
          <Alert color="yellow" title={words.price}>
            <Text size="sm">{link === "automatic" ? words.automaticPrice : words.trustPrice}</Text>
          </Alert>
        )}
        <Switch label={words.signIn} description={words.signInHint} {...edit.input("signIn", "checkbox")} />
      </Stack>
    </Panel>
  );
}

/** What an administrator decides about a provider. */
export function Settings({ provider }: { provider: ProviderConfig }) {
  const { t } = useSpeech();
  const words = t.providers;
  const client = useQueryClient();
  const { name } = provider.metadata;
  const edit = useEdit<ProviderConfig, Values>({
    object: provider,
    queryKey: providerQuery(name).queryKey,
    editable: useMay()("auth-provider-configs:update"),
    values: valuesOf(provider),
    validate: { displayName: (value) => (value.trim() === "" ? t.user.displayNameMissing : null) },
    put: (values, header) =>
      body(
        api.PATCH("/auth-provider-configs/{name}", {
          params: { path: { name }, header },
          headers: { "Content-Type": "application/merge-patch+json" },
          body: { spec: patchOf(values) },
        }),
      ),
    onSaved: () => void client.invalidateQueries({ queryKey: ["providers", "list"] }),
  });
  return (
    <EditForm edit={edit}>
      <Panel title={words.about}>
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <TextInput label={words.displayName} description={words.displayNameHint} required maxLength={100} {...edit.input("displayName")} />
          <NumberInput label={words.priority} description={words.priorityHint} min={0} max={10_000} {...edit.input("priority")} />
        </SimpleGrid>
      </Panel>
      <Connection edit={edit} provider={provider} />
      <Accounts edit={edit} />
    </EditForm>
  );
}
