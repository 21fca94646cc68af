import { Alert, Code, Stack, Text } from "@mantine/core";
import { IconWorldCog } from "@tabler/icons-react";
import type { PolicyStatus } from "../../api/types";
import { useSpeech } from "../../i18n";
import { originsOf } from "./origins-of";

function Names({ label, names }: { label: string; names: string[] }) {
  if (names.length === 0) return null;
  return (
    <Text size="sm">
      {label}{" "}
      {names.map((name) => (
        <Code key={name} mr={4}>
          {name}
        </Code>
      ))}
    </Text>
  );
}

/** Which members of a policy the tenant does not decide itself. */
export function Origins({ status }: { status: PolicyStatus }) {
  const { t } = useSpeech();
  const words = t.policies.origins;
  const { instance, locked, problems } = originsOf(status);
  if (instance.length + locked.length + problems.length === 0) return null;
  return (
    <Alert color="petrol" icon={<IconWorldCog aria-hidden />} title={words.title} mb="md">
      <Stack gap={4}>
        <Names label={words.instance} names={instance} />
        <Names label={words.locked} names={locked} />
        <Names label={words.problems} names={problems} />
      </Stack>
    </Alert>
  );
}
