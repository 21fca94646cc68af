import { Button, Group, Stack, Text, TextInput, type ButtonProps } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { useMutation } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { useSpeech } from "../i18n";
import { Modal } from "./dialog";
import { ProblemAlert } from "./problem";

interface Asked {
  /** What will happen, and to whom. */
  what: ReactNode;
  /** What has to be typed first; for what cannot be undone. */
  expected?: string;
  label: string;
  colour?: string;
  pending: boolean;
  error?: unknown;
  onConfirm: () => void;
  onClose: () => void;
}

/** The question whether something shall be done, and what has to be typed first. */
export function ConfirmForm({ what, expected, label, colour = "red.8", pending, error, onConfirm, onClose }: Asked) {
  const { t } = useSpeech();
  const [typed, setTyped] = useState("");
  const ready = expected === undefined || typed.trim() === expected;
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (ready && !pending) onConfirm();
      }}
    >
      <Stack>
        {error !== undefined && error !== null && <ProblemAlert error={error} />}
        {typeof what === "string" ? <Text size="sm">{what}</Text> : what}
        {expected !== undefined && (
          <TextInput
            label={t.common.typeToConfirm(expected)}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            data-autofocus
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t.common.cancel}
          </Button>
          <Button type="submit" color={colour} disabled={!ready} loading={pending}>
            {label}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** Says what will happen and asks whether it shall. */
export function Confirm({ opened, title, ...asked }: Asked & { opened: boolean; title: string }) {
  const { t } = useSpeech();
  return (
    <Modal opened={opened} onClose={asked.onClose} title={title} closeButtonProps={{ "aria-label": t.common.close }}>
      <ConfirmForm {...asked} />
    </Modal>
  );
}

/** A button for an act that is not done before it was said what will happen. */
export function ConfirmedAct({
  label,
  title,
  what,
  expected,
  act,
  done,
  onDone,
  colour,
  ...button
}: ButtonProps & {
  label: string;
  title: string;
  what: ReactNode;
  expected?: string;
  act: () => Promise<unknown>;
  /** What to say when it is done. */
  done: string;
  onDone?: () => unknown;
  colour?: string;
}) {
  const [opened, { open, close }] = useDisclosure(false);
  const mutation = useMutation({
    mutationFn: act,
    onSuccess: async () => {
      notifications.show({ color: "teal", message: done });
      await onDone?.();
      close();
    },
  });
  return (
    <>
      <Button
        variant="default"
        {...button}
        onClick={() => {
          mutation.reset();
          open();
        }}
      >
        {label}
      </Button>
      <Confirm
        opened={opened}
        onClose={close}
        title={title}
        what={what}
        expected={expected}
        label={label}
        colour={colour}
        pending={mutation.isPending}
        error={mutation.error ?? undefined}
        onConfirm={() => mutation.mutate()}
      />
    </>
  );
}
