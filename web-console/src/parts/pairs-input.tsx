import { ActionIcon, Button, Group, Input, Stack, TextInput } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useSpeech } from "../i18n";
import type { Pair } from "./pairs";

/** Edits a map of texts. */
export function PairsInput({
  label,
  description,
  error,
  disabled = false,
  value,
  onChange,
}: {
  label: string;
  description?: string;
  error?: ReactNode;
  disabled?: boolean;
  value: Pair[];
  onChange: (pairs: Pair[]) => void;
}) {
  const { t } = useSpeech();
  const set = (id: number, change: Partial<Pair>) =>
    onChange(value.map((pair) => (pair.id === id ? { ...pair, ...change } : pair)));
  return (
    <Input.Wrapper label={label} labelElement="div" description={description} error={error}>
      <Stack gap="xs" mt={6}>
        {value.map((pair, index) => (
          <Group key={pair.id} gap="xs" wrap="nowrap">
            <TextInput
              aria-label={t.common.keyOf(label, index + 1)}
              placeholder={t.common.key}
              autoComplete="off"
              spellCheck={false}
              disabled={disabled}
              value={pair.key}
              onChange={(event) => set(pair.id, { key: event.currentTarget.value })}
              flex={1}
              miw={0}
            />
            <TextInput
              aria-label={t.common.valueOf(label, index + 1)}
              placeholder={t.common.value}
              autoComplete="off"
              disabled={disabled}
              value={pair.value}
              onChange={(event) => set(pair.id, { value: event.currentTarget.value })}
              flex={1}
              miw={0}
            />
            <ActionIcon
              disabled={disabled}
              variant="subtle"
              color="gray"
              aria-label={t.common.removeOf(pair.key || label)}
              onClick={() => onChange(value.filter(({ id }) => id !== pair.id))}
            >
              <IconTrash size={16} />
            </ActionIcon>
          </Group>
        ))}
        <div>
          <Button
            variant="subtle"
            size="compact-sm"
            disabled={disabled}
            leftSection={<IconPlus size={14} aria-hidden />}
            aria-label={t.common.addTo(label)}
            onClick={() => onChange([...value, { id: 1 + Math.max(-1, ...value.map(({ id }) => id)), key: "", value: "" }])}
          >
            {t.common.add}
          </Button>
        </div>
      </Stack>
    </Input.Wrapper>
  );
}
