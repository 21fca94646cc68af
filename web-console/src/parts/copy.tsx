import { ActionIcon, Button, CopyButton, Tooltip } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useFirstSpeech } from "../i18n";

/** Copies a text; says so for two seconds. */
export function CopyIcon({ value, label }: { value: string; label: string }) {
  const { t } = useFirstSpeech();
  return (
    <CopyButton value={value} timeout={2000}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? t.common.copied : label}>
          <ActionIcon variant="subtle" color="gray" onClick={copy} aria-label={copied ? t.common.copied : label}>
            {copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
          </ActionIcon>
        </Tooltip>
      )}
    </CopyButton>
  );
}

export function CopyText({ value, label }: { value: string; label: string }) {
  const { t } = useFirstSpeech();
  return (
    <CopyButton value={value} timeout={2000}>
      {({ copied, copy }) => (
        <Button
          variant="default"
          size="compact-sm"
          onClick={copy}
          leftSection={copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
        >
          {copied ? t.common.copied : label}
        </Button>
      )}
    </CopyButton>
  );
}
