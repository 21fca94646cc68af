import { ActionIcon, Tooltip } from "@mantine/core";
import { IconTerminal2 } from "@tabler/icons-react";
import { lazy, Suspense, useState } from "react";
import { useFirstSpeech } from "../i18n";
import { later } from "../later";

const Requests = lazy(later(() => import("./requests").then((part) => ({ default: part.Requests }))));

/** Shows what the page asked the server, for whoever wants to ask it by a program. */
export function RequestButton() {
  const { t } = useFirstSpeech();
  const [opened, open] = useState<boolean>();
  return (
    <>
      <Tooltip label={t.shell.requests}>
        <ActionIcon variant="subtle" color="gray" aria-label={t.shell.requests} aria-haspopup="dialog" onClick={() => open(true)}>
          <IconTerminal2 size={18} />
        </ActionIcon>
      </Tooltip>
      {opened !== undefined && (
        <Suspense fallback={null}>
          <Requests opened={opened} onClose={() => open(false)} />
        </Suspense>
      )}
    </>
  );
}
