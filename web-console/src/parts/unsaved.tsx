import { useBlocker } from "@tanstack/react-router";
import { useSpeech } from "../i18n";
import { Confirm } from "./confirm";

/** Asks before what was changed and not saved is left behind. */
export function Unsaved({ dirty }: { dirty: boolean }) {
  const { t } = useSpeech();
  const blocker = useBlocker({
    shouldBlockFn: () => true,
    enableBeforeUnload: dirty,
    disabled: !dirty,
    withResolver: true,
  });
  return (
    <Confirm
      opened={blocker.status === "blocked"}
      onClose={() => blocker.reset?.()}
      title={t.common.unsaved}
      what={t.common.unsavedWhat}
      label={t.common.leave}
      pending={false}
      onConfirm={() => blocker.proceed?.()}
    />
  );
}
