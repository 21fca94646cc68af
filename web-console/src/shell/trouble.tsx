import { Alert, Group, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { sendersQuery } from "../api/first-queries";
import { useFirstSpeech } from "../i18n";
import { LinkText } from "../parts/link";
import { useMay } from "./session";

/** Says on every page that mail does not leave by a sender. */
export function FailingSenders() {
  const { t } = useFirstSpeech();
  const may = useMay();
  const senders = useQuery({ ...sendersQuery, enabled: may("senders:list"), refetchInterval: 60_000 });
  const failing = (senders.data?.items ?? []).filter(({ spec, status }) => spec.enabled && status.state === "failing");
  if (failing.length === 0) return null;
  return (
    <Alert color="red" mb="md" icon={<IconAlertTriangle aria-hidden />} title={t.shell.sendersFail}>
      <Group gap="xs">
        <Text size="sm">{failing.map(({ spec }) => spec.displayName).join(", ")}</Text>
        <LinkText to="/senders" size="sm">
          {t.shell.seeSenders}
        </LinkText>
      </Group>
    </Alert>
  );
}
