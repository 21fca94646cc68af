import { Button, Group, NativeSelect, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useDisclosure } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { IconFolderPlus } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { api, body } from "../../api/client";
import { attachmentGroupsQuery } from "../../api/queries";
import { useSpeech } from "../../i18n";
import { ConfirmedAct } from "../../parts/confirm";
import { Modal } from "../../parts/dialog";
import { ProblemAlert } from "../../parts/problem";
import { useMay } from "../../shell/session";
import { UNGROUPED } from "../attachments-search";
import { useChanged } from "./upload";

/** The groups, for whoever may see them. */
export function useGroups() {
  const may = useMay();
  const groups = useQuery({ ...attachmentGroupsQuery, enabled: may("attachment-groups:list") });
  return (groups.data?.items ?? []).map(({ metadata, spec }) => ({ value: metadata.name, label: spec.displayName }));
}

function CreateGroup({ onClose, onMade }: { onClose: () => void; onMade: (name: string) => void }) {
  const { t } = useSpeech();
  const words = t.attachments;
  const changed = useChanged();
  const form = useForm({ initialValues: { displayName: "" } });
  const create = useMutation({
    mutationFn: ({ displayName }: typeof form.values) =>
      body(api.POST("/attachment-groups", { body: { spec: { displayName: displayName.trim(), hidden: false } } })),
    onSuccess: async ({ metadata, spec }) => {
      notifications.show({ color: "teal", message: words.groupMade(spec.displayName) });
      await changed();
      onMade(metadata.name);
      onClose();
    },
  });
  return (
    <form noValidate onSubmit={form.onSubmit((values) => create.mutate(values))}>
      <Stack>
        {create.isError && <ProblemAlert error={create.error} />}
        <TextInput label={words.groupName} required autoComplete="off" data-autofocus maxLength={100} {...form.getInputProps("displayName")} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t.common.cancel}
          </Button>
          <Button type="submit" loading={create.isPending} disabled={form.values.displayName.trim() === ""}>
            {words.createGroup}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** Chooses the group that is shown, makes one, and deletes the one that is shown. */
export function Groups({ value, onChoose }: { value?: string; onChoose: (group?: string) => void }) {
  const { t } = useSpeech();
  const words = t.attachments;
  const may = useMay();
  const changed = useChanged();
  const [creating, create] = useDisclosure(false);
  const groups = useGroups();
  const shown = groups.find((group) => group.value === value);
  return (
    <>
      <NativeSelect
        aria-label={words.group}
        value={value ?? ""}
        data={[{ value: "", label: words.everyGroup }, { value: UNGROUPED, label: words.ungrouped }, ...groups]}
        onChange={(event) => onChoose(event.currentTarget.value === "" ? undefined : event.currentTarget.value)}
      />
      {may("attachment-groups:create") && (
        <Button variant="default" leftSection={<IconFolderPlus size={16} aria-hidden />} onClick={create.open}>
          {words.newGroup}
        </Button>
      )}
      {shown !== undefined && may("attachment-groups:delete") && (
        <ConfirmedAct
          label={words.removeGroup}
          title={words.removeGroupTitle(shown.label)}
          what={words.removeGroupWhat}
          act={() => body(api.DELETE("/attachment-groups/{name}", { params: { path: { name: shown.value } } }))}
          done={words.groupRemoved(shown.label)}
          onDone={async () => {
            await changed();
            onChoose(undefined);
          }}
        />
      )}
      <Modal opened={creating} onClose={create.close} title={words.newGroup} closeButtonProps={{ "aria-label": t.common.close }}>
        <CreateGroup onClose={create.close} onMade={onChoose} />
      </Modal>
    </>
  );
}
