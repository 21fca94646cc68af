import { Group, Stack, Text } from "@mantine/core";
import { IconCircleCheck, IconCircleX } from "@tabler/icons-react";
import { useSpeech } from "../../i18n";
import classes from "../../parts/parts.module.css";
import type { Check } from "../../try-it/checks";

function Line({ check: { name, ok, expected, found, verdict } }: { check: Check }) {
  const { t } = useSpeech();
  const words = t.tryIt;
  const names: Partial<Record<string, string>> = words.checks;
  const said = [
    verdict !== undefined && words.verdicts[verdict],
    !ok && expected !== undefined && words.expected(expected),
    (!ok || verdict !== undefined) && words.found(found ?? words.nothing),
  ].filter((part) => part !== false);
  return (
    <li className={classes.line} data-check={name} data-ok={ok}>
      <Group gap="xs" wrap="nowrap" align="flex-start">
        {ok ? (
          <IconCircleCheck size={18} role="img" aria-label={words.ok} color="var(--mantine-color-teal-light-color)" style={{ flex: "none" }} />
        ) : (
          <IconCircleX size={18} role="img" aria-label={words.wrong} color="var(--mantine-color-red-light-color)" style={{ flex: "none" }} />
        )}
        <Stack gap={0} miw={0}>
          <Text size="sm">{names[name] ?? name}</Text>
          {said.length > 0 && (
            <Text size="xs" c="dimmed" style={{ overflowWrap: "anywhere" }}>
              {said.join("; ")}
            </Text>
          )}
        </Stack>
      </Group>
    </li>
  );
}

/** Each check, with what was expected where it failed. */
export function Checks({ of, checks }: { of: string; checks: Check[] }) {
  const { t } = useSpeech();
  if (checks.length === 0) return null;
  return (
    <ul className={classes.lines} aria-label={t.tryIt.checksOf(of)}>
      {checks.map((check) => (
        <Line key={check.name} check={check} />
      ))}
    </ul>
  );
}
