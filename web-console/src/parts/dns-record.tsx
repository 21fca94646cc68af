import { Code, Group, Text } from "@mantine/core";
import { useSpeech } from "../i18n";
import { CopyText } from "./copy";

/** A text record to be put into the domain name system: its name and what it says. */
export function DnsRecord({ name, value }: { name: string; value: string }) {
  const { t } = useSpeech();
  const style = { overflowWrap: "anywhere", whiteSpace: "pre-wrap" } as const;
  return (
    <div>
      <Text size="sm" fw={600}>
        {t.common.record}
      </Text>
      <Code block style={style} tabIndex={0}>
        {name}
      </Code>
      <Code block mt={4} style={style} tabIndex={0}>
        {value}
      </Code>
      <Group gap="xs" mt="xs">
        <CopyText value={name} label={t.common.copyName} />
        <CopyText value={value} label={t.common.copyValue} />
      </Group>
    </div>
  );
}
