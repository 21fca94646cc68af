import { Progress, Stack, Text } from "@mantine/core";
import { NEARLY_FULL, percentOf } from "./share";

/** How much of a room is used, as a bar, and what to say where little is left. */
export function Usage({
  label,
  text,
  used,
  most,
  nearlyFull,
}: {
  label: string;
  text: string;
  used: number;
  most: number;
  nearlyFull: string;
}) {
  const percent = percentOf(used, most);
  const full = percent >= NEARLY_FULL;
  return (
    <Stack gap={4}>
      <Text size="sm" c={full ? "var(--mantine-color-error)" : "dimmed"}>
        {text}
        {full && ` · ${nearlyFull}`}
      </Text>
      <Progress value={percent} color={full ? "red" : "petrol"} aria-label={label} size="sm" />
    </Stack>
  );
}
