import { Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useDisclosure } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { IconPencil } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { fieldErrors, problemOf, type FieldProblem } from "../api/problem";
import type { User } from "../api/types";
import { useSpeech } from "../i18n";
import { Modal } from "./dialog";
import { ProblemAlert } from "./problem";

interface Renaming {
  /** The present name. */
  name: string;
  /** What it means, besides what it always does. */
  hint?: string;
  act: (newName: string) => Promise<User>;
  onRenamed: (name: string) => unknown;
}

function RenameForm({ name, hint, act, onRenamed, onClose }: Renaming & { onClose: () => void }) {
  const { t } = useSpeech();
  const [others, setOthers] = useState<FieldProblem[]>([]);
  const form = useForm({
    initialValues: { newName: name },
    validate: { newName: (value) => (value.trim() === "" ? t.create.nameMissing : null) },
  });
  const rename = useMutation({
    mutationFn: act,
    onSuccess: async (user) => {
      notifications.show({ color: "teal", message: t.user.renamed(name, user.metadata.name) });
      onClose();
      await onRenamed(user.metadata.name);
    },
    onError: (error) => {
      const said = fieldErrors(problemOf(error), ["newName"], { user_name_taken: "newName", user_name_in_role: "newName" });
      form.setErrors(said.fields);
      setOthers(said.others);
    },
  });
  return (
    <form noValidate onSubmit={form.onSubmit(({ newName }) => rename.mutate(newName.trim()))}>
      <Stack>
        {rename.isError && <ProblemAlert error={rename.error} others={others} />}
        <Text size="sm">{t.user.renameWhat}</Text>
        {hint !== undefined && (
          <Text size="sm" c="dimmed">
            {hint}
          </Text>
        )}
        <TextInput
          label={t.user.newName}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          data-autofocus
          {...form.getInputProps("newName")}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t.common.cancel}
          </Button>
          <Button type="submit" loading={rename.isPending} disabled={!form.isDirty()}>
            {t.user.rename}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** A button that gives somebody another name to sign in with. */
export function Rename(renaming: Renaming) {
  const { t } = useSpeech();
  const [opened, { open, close }] = useDisclosure(false);
  return (
    <>
      <Button variant="default" leftSection={<IconPencil size={16} aria-hidden />} onClick={open}>
        {t.user.rename}
      </Button>
      <Modal
        opened={opened}
        onClose={close}
        title={t.user.renameOf(renaming.name)}
        closeButtonProps={{ "aria-label": t.common.close }}
      >
        <RenameForm {...renaming} onClose={close} />
      </Modal>
    </>
  );
}
