import { Button, Select, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { IconTrash } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api, body } from "../../api/client";
import { problemOf } from "../../api/problem";
import type { Role } from "../../api/types";
import { useSpeech } from "../../i18n";
import { ConfirmForm } from "../../parts/confirm";
import { Modal } from "../../parts/dialog";
import { roleLabel, useRoles } from "../../parts/role-select";
import { useMay } from "../../shell/session";
import { Simulation } from "./simulation";

/** Deletes a role; one that is in use asks which one takes its place. */
export function DeleteRole({ role }: { role: Role }) {
  const { t } = useSpeech();
  const may = useMay();
  const client = useQueryClient();
  const navigate = useNavigate();
  const roles = useRoles();
  const [opened, { open, close }] = useDisclosure(false);
  const [replacement, setReplacement] = useState<string | null>(null);
  const { name, version } = role.metadata;
  const remove = useMutation({
    mutationFn: () =>
      body(
        api.DELETE("/roles/{name}", {
          params: { path: { name }, query: { replacement: replacement ?? undefined }, header: { "If-Match": `"${version}"` } },
        }),
      ),
    onSuccess: async () => {
      notifications.show({ color: "teal", message: t.roles.deleted(name) });
      await navigate({ to: "/roles" });
      void client.invalidateQueries({ queryKey: ["audit"] });
      void client.invalidateQueries({ queryKey: ["session"] });
      void client.invalidateQueries({ queryKey: ["users"] });
      await client.invalidateQueries({ queryKey: ["roles"] });
    },
  });
  const inUse = remove.isError && problemOf(remove.error).code === "role_in_use";
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconTrash size={16} aria-hidden />}
        onClick={() => {
          remove.reset();
          setReplacement(null);
          open();
        }}
      >
        {t.roles.delete}
      </Button>
      <Modal opened={opened} onClose={close} size="lg" title={t.roles.delete} closeButtonProps={{ "aria-label": t.common.close }}>
        <ConfirmForm
          expected={name}
          label={t.roles.delete}
          pending={remove.isPending}
          error={remove.error ?? undefined}
          onConfirm={() => remove.mutate()}
          onClose={close}
          what={
            <Stack>
              <Text size="sm">{t.roles.deleteWhat(name)}</Text>
              <Select
                label={t.roles.replacement}
                description={inUse ? t.roles.replacementNeeded : t.roles.replacementHint}
                data={roles
                  .filter(({ metadata, status }) => status.grantable && metadata.name !== name)
                  .map((other) => ({ value: other.metadata.name, label: roleLabel(t, other) }))}
                searchable
                clearable
                clearButtonProps={{ "aria-label": t.common.clear }}
                value={replacement}
                onChange={setReplacement}
              />
              {may("permissions:simulate") && <Simulation role={name} replacement={replacement ?? undefined} />}
            </Stack>
          }
        />
      </Modal>
    </>
  );
}
