import { Alert, NativeSelect, NumberInput, PasswordInput, SimpleGrid, Stack, Switch, Text, Textarea, TextInput } from "@mantine/core";
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

/** Where the makers are, unless somebody says otherwise. */
const BASES: Partial<Record<ProviderConfig["spec"]["kind"], string>> = {
  google: "https://accounts.google.com",
  github: "https://github.com",
  microsoft: "https://login.microsoftonline.com",
  facebook: "https://www.facebook.com",
  apple: "https://appleid.apple.com",
};

/** Where a provider is, in the members that its kind has. */
function Place({ edit, kind }: { edit: Edit<Values>; kind: ProviderConfig["spec"]["kind"] }) {
  const { t } = useSpeech();
  const words = t.providers;
  const text = { autoComplete: "off", spellCheck: false } as const;
  const url = { type: "url", spellCheck: false, maxLength: 500 } as const;
  // Of a maker, another of its clouds or a server of one's own.
  const base = <TextInput label={words.base} description={words.baseHint} placeholder={BASES[kind]} {...url} {...edit.input("issuer")} />;
  switch (kind) {
    case "oidc":
      return <TextInput label={words.issuer} description={words.issuerHint} {...url} {...edit.input("issuer")} />;
    case "github":
    case "google":
    case "facebook":
      return base;
    case "microsoft":
      return (
        <>
          {base}
          <TextInput label={words.msTenant} description={words.msTenantHint} {...text} {...edit.input("msTenant")} />
          <TextInput label={words.upstreams} description={words.upstreamsHint} {...text} {...edit.input("upstreams")} />
        </>
      );
    case "apple":
      return (
        <>
          {base}
          <TextInput label={words.appleTeamId} maxLength={10} {...text} {...edit.input("appleTeamId")} />
          <TextInput label={words.appleKeyId} maxLength={10} {...text} {...edit.input("appleKeyId")} />
        </>
      );
    case "oauth2":
      return (
        <>
          <TextInput label={words.authorizeUrl} {...url} {...edit.input("authorizeUrl")} />
          <TextInput label={words.tokenUrl} {...url} {...edit.input("tokenUrl")} />
          <TextInput label={words.userinfoUrl} description={words.userinfoUrlHint} {...url} {...edit.input("userinfoUrl")} />
          <TextInput label={words.claims.sub} description={words.claimsHint} {...text} {...edit.input("claimSub")} />
          <TextInput label={words.claims.email} {...text} {...edit.input("claimEmail")} />
          <TextInput label={words.claims.name} {...text} {...edit.input("claimName")} />
          <TextInput label={words.claims.preferredUsername} {...text} {...edit.input("claimLogin")} />
        </>
      );
    default:
      return null;
  }
}

function Connection({ edit, provider }: { edit: Edit<Values>; provider: ProviderConfig }) {
  const { t } = useSpeech();
  const words = t.providers;
  const { kind } = provider.spec;
  const { secretSetAt } = provider.status;
  const signs = edit.form.values.authMethod === "private_key";
  const secret = {
    label: kind === "apple" ? words.appleKey : signs ? words.privateKey : words.clientSecret,
    description: secretSetAt === undefined ? words.noSecret : <>{words.secretSince} <Moment at={secretSetAt} /></>,
    placeholder: secretSetAt === undefined ? undefined : words.secretStays,
    maxLength: 1000,
    ...edit.input("clientSecret"),
  };
  return (
    <Panel title={words.connection} hint={words.connectionHint}>
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <Place edit={edit} kind={kind} />
        <TextInput label={words.clientId} description={words.clientIdHint} autoComplete="off" spellCheck={false} maxLength={500} {...edit.input("clientId")} />
        {kind === "apple" || signs ? (
          <Textarea autoComplete="off" spellCheck={false} autosize minRows={2} maxRows={8} {...secret} />
        ) : (
          <PasswordInput autoComplete="new-password" visibilityToggleButtonProps={{ "aria-label": words.showSecret }} {...secret} />
        )}
        {(kind === "oidc" || kind === "oauth2") && (
          <NativeSelect label={words.authMethod} data={choices(words.authMethods)} {...edit.input("authMethod")} />
        )}
        <TextInput label={words.scopes} description={kind === "oidc" ? words.scopesHint : undefined} autoComplete="off" spellCheck={false} {...edit.input("scopes")} />
      </SimpleGrid>
    </Panel>
  );
}

function Accounts({ edit, kind }: { edit: Edit<Values>; kind: ProviderConfig["spec"]["kind"] }) {
  const { t } = useSpeech();
  const words = t.providers;
  const { link, emailTrust } = edit.form.values;
  return (
    <Panel title={words.accounts} hint={words.accountsHint}>
      <Stack>
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          {kind !== "facebook" && kind !== "oauth2" && <NativeSelect label={words.emailTrust} description={words.emailTrustHint} data={choices(words.emailTrusts)} {...edit.input("emailTrust")} />}
          <TextInput label={words.domains} description={words.domainsHint} placeholder="example.com" autoComplete="off" spellCheck={false} {...edit.input("domains")} />
          <NativeSelect label={words.signUp} data={choices(words.signUps)} {...edit.input("signUp")} />
          <NativeSelect label={words.link} description={words.linkHint} data={choices(words.links)} {...edit.input("link")} />
        </SimpleGrid>
        {(link === "automatic" || (kind === "oidc" && emailTrust !== "never")) && (
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
      <Accounts edit={edit} kind={provider.spec.kind} />
    </EditForm>
  );
}
