import { Badge, Group, Text } from "@mantine/core";
import type { Rule } from "../api/types";
import { useSpeech } from "../i18n";

/** What one rule says, in a sentence. */
export function RuleText({ rule }: { rule: Rule }) {
  const { t, format } = useSpeech();
  const verbs = rule.verbs.includes("*") ? t.rules.everything : format.list(rule.verbs);
  const resources = rule.resources.includes("*") ? t.rules.allResources : format.list(rule.resources);
  const names = (rule.resourceNames ?? []).map((name) => (name === "-" ? t.rules.own : name));
  const denies = rule.effect === "deny";
  return (
    <Group gap="xs" wrap="nowrap" align="flex-start">
      <Badge color={denies ? "red" : "teal"}>{denies ? t.rules.denies : t.rules.allows}</Badge>
      <Text size="sm" style={{ overflowWrap: "anywhere" }}>
        <strong>{verbs}</strong> {t.rules.on} <strong>{resources}</strong>
        {names.length > 0 && ` ${t.rules.onlyNamed(format.list(names))}`}
      </Text>
    </Group>
  );
}
