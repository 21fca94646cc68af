import { Stack, Text, Textarea } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { body, system } from "../../api/client";
import type { InstanceTenant } from "../../api/types";
import { useSpeech } from "../../i18n";
import { ConfirmedAct } from "../../parts/confirm";
import { DEFAULT_TENANT, useMayOperate } from "../../shell/tenant";

/** Has what is known of tenants asked for anew. */
export function useTenantsChanged(): () => Promise<void> {
  const client = useQueryClient();
  return () => {
    void client.invalidateQueries({ queryKey: ["audit"] });
    return client.invalidateQueries({ queryKey: ["tenants"] });
  };
}

function Suspend({ tenant }: { tenant: InstanceTenant }) {
  const { t } = useSpeech();
  const words = t.tenants;
  const changed = useTenantsChanged();
  const [reason, setReason] = useState("");
  const { name } = tenant.metadata;
  const { displayName } = tenant.spec;
  return (
    <ConfirmedAct
      label={words.suspend}
      title={words.suspendOf(displayName)}
      what={
        <Stack>
          <Text size="sm">{words.suspendWhat}</Text>
          <Textarea
            label={words.reason}
            description={words.reasonHint}
            autosize
            minRows={2}
            maxLength={500}
            data-autofocus
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
        </Stack>
      }
      act={() => body(system.POST("/tenants/{name}/suspend", { params: { path: { name } }, body: { reason: reason.trim() } }))}
      done={words.wasSuspended(displayName)}
      onDone={changed}
    />
  );
}

/** What can be done with a whole tenant. */
export function Acts({ tenant }: { tenant: InstanceTenant }) {
  const { t } = useSpeech();
  const words = t.tenants;
  const may = useMayOperate();
  const changed = useTenantsChanged();
  const { name } = tenant.metadata;
  const { displayName } = tenant.spec;
  const { state } = tenant.status;
  const params = { path: { name } };
  // The instance is run by it.
  if (name === DEFAULT_TENANT) return null;
  return (
    <>
      {state === "active" && may("tenants:suspend") && <Suspend tenant={tenant} />}
      {state === "suspended" && may("tenants:resume") && (
        <ConfirmedAct
          label={words.resume}
          title={words.resumeOf(displayName)}
          what={words.resumeWhat}
          act={() => body(system.POST("/tenants/{name}/resume", { params }))}
          done={words.wasResumed(displayName)}
          onDone={changed}
          colour="petrol"
        />
      )}
      {state === "deleting" && may("tenants:undelete") && (
        <ConfirmedAct
          label={words.keep}
          title={words.keepOf(displayName)}
          what={words.keepWhat}
          act={() => body(system.POST("/tenants/{name}/undelete", { params }))}
          done={words.wasKept(displayName)}
          onDone={changed}
          colour="petrol"
        />
      )}
      {state !== "deleting" && may("tenants:delete") && (
        <ConfirmedAct
          label={words.delete}
          title={words.deleteOf(displayName)}
          what={words.deleteWhat}
          expected={name}
          act={() => body(system.DELETE("/tenants/{name}", { params: { path: { name }, query: { confirm: name } } }))}
          done={words.wasDeleted(displayName)}
          onDone={changed}
          leftSection={<IconTrash size={16} aria-hidden />}
        />
      )}
    </>
  );
}
