import { Button, Group, List, Progress as Bar, Stack, Text } from "@mantine/core";
import { useSpeech } from "../i18n";
import { LinkText } from "../parts/link";
import type { Progress, Refusal } from "./bulk";

/** How far it is with what is done to many, and the way to end it early. */
export function Running({ progress, total, onStop }: { progress: Progress; total: number; onStop: () => void }) {
  const { t, format } = useSpeech();
  const words = t.bulk.progress(format.number(progress.done), format.number(total));
  return (
    <Stack>
      <Text size="sm" role="status">
        {words}
      </Text>
      <Bar value={(100 * progress.done) / total} aria-label={words} />
      <Group justify="flex-end">
        <Button variant="default" onClick={onStop}>
          {t.bulk.stop}
        </Button>
      </Group>
    </Stack>
  );
}

/** What was refused, and why; the names of users lead to their pages. */
export function Refusals({ refusals, ofUsers = false }: { refusals: Refusal[]; ofUsers?: boolean }) {
  return (
    <List size="sm" spacing={6} style={{ maxHeight: 280, overflow: "auto" }}>
      {refusals.map(({ name, problem }) => (
        <List.Item key={name} style={{ overflowWrap: "anywhere" }}>
          {ofUsers ? (
            <LinkText to="/users/$name" params={{ name }} size="sm" fw={560}>
              {name}
            </LinkText>
          ) : (
            name
          )}
          : {problem.detail || problem.title || problem.code}
        </List.Item>
      ))}
    </List>
  );
}
