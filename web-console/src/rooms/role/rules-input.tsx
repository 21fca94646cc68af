import { ActionIcon, Button, Group, MultiSelect, SegmentedControl, SimpleGrid, Stack, TagsInput, Text } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import type { PermissionItem } from "../../api/types";
import { useSpeech } from "../../i18n";
import classes from "../../parts/parts.module.css";
import { verbsOf, type RuleDraft } from "./draft";

function choices(known: string[], chosen: string[], all: string) {
  const others = [...new Set([...known, ...chosen])].filter((value) => value !== "*");
  return [{ value: "*", label: all }, ...others.map((value) => ({ value, label: value }))];
}

function RuleInput({
  rule,
  number,
  items,
  onChange,
  onRemove,
}: {
  rule: RuleDraft;
  number: string;
  items: PermissionItem[];
  onChange: (change: Partial<RuleDraft>) => void;
  onRemove: () => void;
}) {
  const { t } = useSpeech();
  const resources = [...new Set(items.map(({ resource }) => resource))];
  return (
    <li className={classes.rule}>
      <Stack gap="sm" role="group" aria-label={t.rules.rule(number)}>
        <Group justify="space-between" wrap="nowrap">
          <Group gap="sm">
            <Text size="sm" fw={560}>
              {t.rules.rule(number)}
            </Text>
            <SegmentedControl
              size="xs"
              aria-label={t.rules.effect}
              value={rule.effect}
              onChange={(effect) => onChange({ effect: effect === "deny" ? "deny" : "allow" })}
              data={[
                { value: "allow", label: t.rules.allow },
                { value: "deny", label: t.rules.deny },
              ]}
            />
          </Group>
          <ActionIcon variant="subtle" color="gray" aria-label={t.common.removeOf(t.rules.rule(number))} onClick={onRemove}>
            <IconTrash size={16} />
          </ActionIcon>
        </Group>
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <MultiSelect
            label={t.rules.resources}
            data={choices(resources, rule.resources, t.rules.allResources)}
            searchable
            value={rule.resources}
            onChange={(value) => onChange({ resources: value })}
          />
          <MultiSelect
            label={t.rules.verbs}
            data={choices(verbsOf(items, rule.resources), rule.verbs, t.rules.everything)}
            searchable
            value={rule.verbs}
            onChange={(value) => onChange({ verbs: value })}
          />
        </SimpleGrid>
        <TagsInput
          label={t.rules.names}
          description={t.rules.namesHint}
          value={rule.resourceNames}
          onChange={(value) => onChange({ resourceNames: value })}
        />
      </Stack>
    </li>
  );
}

/** What a role permits and denies. */
export function RulesInput({ value, items, onChange }: { value: RuleDraft[]; items: PermissionItem[]; onChange: (rules: RuleDraft[]) => void }) {
  const { t, format } = useSpeech();
  const next = 1 + Math.max(-1, ...value.map(({ id }) => id));
  return (
    <Stack gap="sm">
      {value.length === 0 && (
        <Text size="sm" c="dimmed">
          {t.rules.none}
        </Text>
      )}
      <ol className={classes.rules}>
        {value.map((rule, index) => (
          <RuleInput
            key={rule.id}
            rule={rule}
            number={format.number(index + 1)}
            items={items}
            onChange={(change) => onChange(value.map((each) => (each.id === rule.id ? { ...each, ...change } : each)))}
            onRemove={() => onChange(value.filter((each) => each.id !== rule.id))}
          />
        ))}
      </ol>
      <div>
        <Button
          variant="light"
          size="compact-md"
          leftSection={<IconPlus size={16} aria-hidden />}
          onClick={() => onChange([...value, { id: next, resources: [], verbs: [], resourceNames: [], effect: "allow" }])}
        >
          {t.rules.addRule}
        </Button>
      </div>
    </Stack>
  );
}
