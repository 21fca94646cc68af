import { Alert, List, Stack, Text } from "@mantine/core";
import { IconWorldCog } from "@tabler/icons-react";
import type { PolicyStatus } from "../../api/types";
import { useSpeech } from "../../i18n";
import type { InstanceTab } from "../instance-settings/tabs";
import { memberWords } from "./member-words";
import { originsOf } from "./origins-of";

function Names({ label, names }: { label: string; names: string[] }) {
  if (names.length === 0) return null;
  return (
    <div>
      <Text size="sm">{label}</Text>
      <List size="sm" aria-label={label}>
        {names.map((name) => (
          <List.Item key={name}>{name}</List.Item>
        ))}
      </List>
    </div>
  );
}

/** Which members of a policy the tenant does not decide itself. */
export function Origins({ policy, status }: { policy?: InstanceTab; status: PolicyStatus }) {
  const { t } = useSpeech();
  const words = t.policies.origins;
  const { instance, locked, problems } = originsOf(status);
  if (instance.length + locked.length + problems.length === 0) return null;
  const say = policy === undefined ? (label: string) => ({ label }) : memberWords(t, policy);
  const labels = (members: string[]) => members.map((member) => say(member).label);
  return (
    <Alert color="petrol" icon={<IconWorldCog aria-hidden />} title={words.title} mb="md">
      <Stack gap={4}>
        <Names label={words.instance} names={labels(instance)} />
        <Names label={words.locked} names={labels(locked)} />
        <Names label={words.problems} names={labels(problems)} />
      </Stack>
    </Alert>
  );
}
