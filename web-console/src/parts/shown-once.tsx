import { Alert, Code, Group, Stack } from "@mantine/core";
import { IconKey } from "@tabler/icons-react";
import { useSpeech } from "../i18n";
import { CopyText } from "./copy";

/** A password or secret that was only just made, the only time it is shown. */
export function ShownOnce({ title, hint, label, value }: { title: string; hint: string; label: string; value: string }) {
  const { t } = useSpeech();
  return (
    <Stack>
      <Alert color="petrol" role="status" icon={<IconKey aria-hidden />} title={title}>
        {hint}
      </Alert>
      <Group justify="space-between" gap="sm">
        <Code fz="md" px="sm" py={8} aria-label={label} style={{ overflowWrap: "anywhere" }} data-shown-once>
          {value}
        </Code>
        <CopyText value={value} label={t.common.copy} />
      </Group>
    </Stack>
  );
}
