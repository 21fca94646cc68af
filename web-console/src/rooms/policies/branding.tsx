import { ActionIcon, Button, Group, NativeSelect, SimpleGrid, Stack, Text, TextInput } from "@mantine/core";
import { IconPhoto, IconPlus, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { api, body } from "../../api/client";
import { policyQueries } from "../../api/queries";
import type { BrandingPolicy } from "../../api/types";
import { ownFileAt } from "../../base";
import { useSpeech } from "../../i18n";
import { ColorField } from "../../parts/color-field";
import { EditForm, type Edit } from "../../parts/edit";
import { MAIL_LANGUAGES } from "../../parts/mail-to";
import { Panel } from "../../parts/page";
import parts from "../../parts/parts.module.css";
import { useTenantName } from "../../shell/tenant";
import {
  brandingValues,
  colorOf,
  inkOn,
  isColor,
  isHome,
  isHttps,
  isLogo,
  newApplication,
  timeZones,
  wantedBranding,
  type ApplicationValues,
  type BrandingValues,
} from "./branding-values";
import classes from "./branding.module.css";
import { usePolicyEdit } from "./edit";
import { PictureAddress } from "./picture-address";

function Logo({ address }: { address: string }) {
  const own = ownFileAt(address, document.baseURI);
  if (own !== undefined) return <img className={classes.picture} src={`${own}?size=S`} alt="" data-logo />;
  if (address === "") return null;
  return (
    <span className={classes.logo}>
      <IconPhoto size={18} />
    </span>
  );
}

/** The beginning of a page of the tenant or of one of its applications, as it would look. */
function Preview({ values }: { values: BrandingValues }) {
  const { t } = useSpeech();
  const words = t.policies.branding;
  const tenant = useTenantName();
  const [chosen, choose] = useState("");
  const application = values.applications.find(({ row }) => String(row) === chosen);
  const logoUrl = application?.logoUrl || values.logoUrl;
  const name = application?.displayName || values.displayName || tenant;
  const color = colorOf(values, application);
  return (
    <Panel title={words.preview} hint={words.previewHint}>
      <Stack>
        {values.applications.length > 0 && (
          <NativeSelect
            label={words.show}
            value={application === undefined ? "" : chosen}
            onChange={(event) => choose(event.currentTarget.value)}
            data={[
              { value: "", label: words.tenant },
              ...values.applications.map((one) => ({ value: String(one.row), label: one.displayName || one.clientId || "–" })),
            ]}
          />
        )}
        {/* A picture of a page: what stands in it is not of this one. */}
        <div role="img" aria-label={words.previewOf(name, color)} data-preview>
          <div className={classes.page} aria-hidden>
            <div className={classes.head}>
              <Logo address={logoUrl.trim()} />
              {name}
            </div>
            <div className={classes.field} />
            <div className={classes.field} />
            <div className={classes.button} style={{ background: color, color: inkOn(color) }} data-button>
              {words.button}
            </div>
          </div>
        </div>
      </Stack>
    </Panel>
  );
}

function Application({ edit, index, onRemove }: { edit: Edit<BrandingValues>; index: number; onRemove: () => void }) {
  const { t, format } = useSpeech();
  const words = t.policies.branding;
  const { editable, form, input } = edit;
  const shown = colorOf(form.values, form.values.applications[index]);
  const title = words.application(format.number(index + 1));
  const field = (name: keyof ApplicationValues) => input(`applications.${index}.${name}`);
  return (
    <li className={parts.rule}>
      <Stack gap="sm" role="group" aria-label={title}>
        <Group justify="space-between" wrap="nowrap">
          <Text size="sm" fw={560}>
            {title}
          </Text>
          {editable && (
            <ActionIcon variant="subtle" color="gray" aria-label={t.common.removeOf(title)} onClick={onRemove}>
              <IconTrash size={16} />
            </ActionIcon>
          )}
        </Group>
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <TextInput
            label={words.clientId}
            required
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            maxLength={200}
            {...field("clientId")}
          />
          <TextInput label={words.displayName} required autoComplete="off" maxLength={100} {...field("displayName")} />
        </SimpleGrid>
        <SimpleGrid cols={{ base: 1, sm: 3 }}>
          <ColorField label={words.color} chooseLabel={words.chooseColor} shown={shown} {...field("color")} />
          <PictureAddress edit={edit} path={`applications.${index}.logoUrl`} label={words.logoUrl} />
          <TextInput label={words.homeUrl} type="url" autoComplete="off" maxLength={1000} {...field("homeUrl")} />
        </SimpleGrid>
      </Stack>
    </li>
  );
}

/** How the tenant and its applications show themselves. */
export function Branding({ policy }: { policy: BrandingPolicy }) {
  const { t } = useSpeech();
  const words = t.policies.branding;
  const tenant = useTenantName();
  const logo = (text: string) => (isLogo(text) ? null : words.logoInvalid);
  const page = (text: string) => (isHttps(text) ? null : words.pageInvalid);
  const home = (text: string) => (isHome(text) ? null : words.homeInvalid);
  const edit = usePolicyEdit<BrandingPolicy, BrandingValues>({
    policy,
    queryKey: policyQueries.branding.queryKey,
    values: brandingValues(policy),
    validate: {
      color: (color) => (isColor(color) ? null : words.colorInvalid),
      logoUrl: logo,
      logoUrlDark: logo,
      iconUrl: logo,
      homeUrl: home,
      helpUrl: page,
      termsUrl: page,
      privacyUrl: page,
      applications: {
        clientId: (id, { applications }) => {
          const same = applications.filter(({ clientId }) => clientId.trim() === id.trim());
          // The server keeps one application by each client id, so another one of it would be lost.
          return id.trim() === "" ? words.clientIdMissing : same.length > 1 ? words.clientIdTwice : null;
        },
        displayName: (name) => (name.trim() === "" ? words.displayNameMissing : null),
        color: (color) => (color.trim() === "" || isColor(color) ? null : words.colorInvalid),
        logoUrl: logo,
        homeUrl: home,
      },
    },
    put: (values, header) => body(api.PUT("/policies/branding", { params: { header }, body: { spec: wantedBranding(values), pinned: policy.pinned } })),
  });
  const { form, editable, input } = edit;
  const { applications } = form.values;
  return (
    <EditForm edit={edit}>
      <SimpleGrid cols={{ base: 1, md: 2 }} style={{ alignItems: "start" }}>
        <Panel title={words.title} hint={words.hint}>
          <Stack>
            <TextInput
              label={words.name}
              description={words.nameHint}
              placeholder={tenant}
              autoComplete="off"
              maxLength={100}
              {...input("displayName")}
            />
            <TextInput
              label={words.subtitle}
              description={words.subtitleHint}
              autoComplete="off"
              maxLength={200}
              {...input("subtitle")}
            />
            <ColorField
              label={words.color}
              chooseLabel={words.chooseColor}
              shown={colorOf(form.values)}
              {...input("color")}
            />
            <PictureAddress edit={edit} path="logoUrl" label={words.logoUrl} hint={words.logoUrlHint} />
            <PictureAddress edit={edit} path="logoUrlDark" label={words.logoUrlDark} hint={words.logoUrlDarkHint} />
            <PictureAddress edit={edit} path="iconUrl" label={words.iconUrl} hint={words.iconUrlHint} />
            <TextInput
              label={words.home}
              description={words.homeHint}
              type="url"
              autoComplete="off"
              maxLength={1000}
              {...input("homeUrl")}
            />
          </Stack>
        </Panel>
        <Preview values={form.values} />
      </SimpleGrid>
      <Panel title={words.more} hint={words.moreHint}>
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <TextInput label={words.contactEmail} type="email" autoComplete="off" maxLength={254} {...input("contactEmail")} />
          <TextInput label={words.helpUrl} type="url" autoComplete="off" maxLength={1000} {...input("helpUrl")} />
          <TextInput label={words.termsUrl} type="url" autoComplete="off" maxLength={1000} {...input("termsUrl")} />
          <TextInput label={words.privacyUrl} type="url" autoComplete="off" maxLength={1000} {...input("privacyUrl")} />
        </SimpleGrid>
      </Panel>
      <Panel title={words.otherwise} hint={words.otherwiseHint}>
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <NativeSelect
            label={words.language}
            description={words.languageHint}
            data={MAIL_LANGUAGES.map(({ value, label }) => ({ value: value === "en" ? "" : value, label }))}
            {...input("language")}
          />
          <NativeSelect
            label={words.timeZone}
            description={words.timeZoneHint}
            data={[{ value: "", label: "UTC" }, ...timeZones(form.values.timeZone)]}
            {...input("timeZone")}
          />
        </SimpleGrid>
      </Panel>
      <Panel title={words.applications} hint={words.applicationsHint}>
        <Stack>
          {applications.length === 0 && (
            <Text size="sm" c="dimmed">
              {words.noApplications}
            </Text>
          )}
          {applications.length > 0 && (
            <ul className={parts.rules}>
              {applications.map(({ row }, index) => (
                <Application key={row} edit={edit} index={index} onRemove={() => form.removeListItem("applications", index)} />
              ))}
            </ul>
          )}
          {editable && applications.length < 100 && (
            <div>
              <Button
                variant="default"
                leftSection={<IconPlus size={16} aria-hidden />}
                onClick={() => form.insertListItem("applications", newApplication(applications))}
              >
                {words.add}
              </Button>
            </div>
          )}
        </Stack>
      </Panel>
    </EditForm>
  );
}
