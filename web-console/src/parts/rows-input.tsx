import { ActionIcon, Button, Group, Stack, Text } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useSpeech } from "../i18n";
import parts from "./parts.module.css";

/** The rows of a list of objects within a form: each under its name, one more, one less. */
export function RowsInput<T extends { row: number }>({
  rows,
  editable,
  most,
  none,
  add,
  nameOf,
  onAdd,
  onRemove,
  children,
}: {
  rows: T[];
  editable: boolean;
  most: number;
  none: string;
  /** What the button that adds one says. */
  add: string;
  nameOf: (n: string) => string;
  /** Adds one of this number. */
  onAdd: (row: number) => void;
  onRemove: (index: number) => void;
  children: (row: T, index: number) => ReactNode;
}) {
  const { t, format } = useSpeech();
  const next = 1 + Math.max(-1, ...rows.map(({ row }) => row));
  return (
    <Stack>
      {rows.length === 0 && (
        <Text size="sm" c="dimmed">
          {none}
        </Text>
      )}
      {rows.length > 0 && (
        <ul className={parts.rules}>
          {rows.map((row, index) => {
            const title = nameOf(format.number(index + 1));
            return (
              <li key={row.row} className={parts.rule}>
                <Stack gap="sm" role="group" aria-label={title}>
                  <Group justify="space-between" wrap="nowrap">
                    <Text size="sm" fw={560}>
                      {title}
                    </Text>
                    {editable && (
                      <ActionIcon
                        variant="subtle"
                        color="gray"
                        aria-label={t.common.removeOf(title)}
                        onClick={() => onRemove(index)}
                      >
                        <IconTrash size={16} />
                      </ActionIcon>
                    )}
                  </Group>
                  {children(row, index)}
                </Stack>
              </li>
            );
          })}
        </ul>
      )}
      {editable && rows.length < most && (
        <div>
          <Button
            variant="default"
            leftSection={<IconPlus size={16} aria-hidden />}
            onClick={() => onAdd(next)}
          >
            {add}
          </Button>
        </div>
      )}
    </Stack>
  );
}
