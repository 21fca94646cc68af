import { Alert, Anchor, Group, Stack, Text, TextInput } from "@mantine/core";
import { IconAlertTriangle, IconInfoCircle } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { body, system } from "../../api/client";
import { instanceTenantQuery } from "../../api/tenant-queries";
import type { InstanceTenant } from "../../api/types";
import { useSpeech } from "../../i18n";
import { CopyIcon } from "../../parts/copy";
import { EditForm, useEdit } from "../../parts/edit";
import { Moment } from "../../parts/moment";
import { Facts, Panel } from "../../parts/page";
import { DEFAULT_TENANT, useMayOperate } from "../../shell/tenant";
import { Owner } from "./owner";

/** What the state of a tenant means, where it is not as it should be. */
export function StateHint({ status }: { status: InstanceTenant["status"] }) {
  const { t, format } = useSpeech();
  const words = t.tenants;
  if (status.state === "active") return null;
  const bad = status.state !== "founding";
  return (
    <Alert
      color={bad ? "red" : "petrol"}
      icon={bad ? <IconAlertTriangle aria-hidden /> : <IconInfoCircle aria-hidden />}
      title={words.stateHints[status.state]}
      mb="md"
    >
      <Stack gap={4}>
        {status.reason !== undefined && (
          <Text size="sm" style={{ overflowWrap: "anywhere" }}>
            {words.reasonWas(status.reason)}
          </Text>
        )}
        {status.deleteAfter !== undefined && <Text size="sm">{words.deletedAt(format.exact(status.deleteAfter))}</Text>}
      </Stack>
    </Alert>
  );
}

/** What a tenant is called, and where it is. */
export function Settings({ tenant }: { tenant: InstanceTenant }) {
  const { t } = useSpeech();
  const words = t.tenants;
  const may = useMayOperate();
  const client = useQueryClient();
  const { metadata, spec, status } = tenant;
  const { name } = metadata;
  const edit = useEdit({
    object: tenant,
    queryKey: instanceTenantQuery(name).queryKey,
    editable: may("tenants:update"),
    values: { displayName: spec.displayName },
    validate: { displayName: (value) => (value.trim() === "" ? words.displayNameMissing : null) },
    put: ({ displayName }, header) =>
      body(
        system.PATCH("/tenants/{name}", {
          params: { path: { name }, header },
          headers: { "Content-Type": "application/merge-patch+json" },
          body: { spec: { displayName: displayName.trim() } },
        }),
      ),
    // The version of the quotas is that of the tenant.
    onSaved: () => void client.invalidateQueries({ queryKey: ["tenants"] }),
  });
  const address: [string, ReactNode] = [
    words.address,
    <Group key="address" gap={4} wrap="nowrap">
      <Anchor href={status.url} target="_blank" rel="noreferrer" size="sm" style={{ overflowWrap: "anywhere" }}>
        {status.url}
      </Anchor>
      <CopyIcon value={status.url} label={words.copyAddress} />
    </Group>,
  ];
  return (
    <Stack>
      <Panel title={words.about}>
        <Facts
          facts={[
            address,
            [words.name, name],
            [words.state, words.stateHints[status.state]],
            [words.founded, <Moment key="founded" at={metadata.creationTimestamp} />],
          ]}
        />
      </Panel>
      <Panel title={words.displayName} hint={words.displayNameHint}>
        <EditForm edit={edit}>
          <TextInput aria-label={words.displayName} autoComplete="off" maxLength={100} maw={420} {...edit.input("displayName")} />
        </EditForm>
      </Panel>
      {/* The default tenant has had one from the start. */}
      {status.state === "active" && name !== DEFAULT_TENANT && may("tenants:invite") && <Owner name={name} />}
    </Stack>
  );
}
