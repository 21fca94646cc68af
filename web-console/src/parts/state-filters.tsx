import { Button, Group, NativeSelect } from "@mantine/core";
import { IconFilterOff } from "@tabler/icons-react";
import { useSpeech } from "../i18n";
import { Search } from "./search";

interface Asked<S extends string> {
  q?: string;
  state?: S;
}

/** What a list is searched with, and cut down to one state. */
export function StateFilters<S extends string>({
  label,
  states,
  names,
  search: { q, state },
  onChange,
}: {
  /** What is searched. */
  label: string;
  states: readonly S[];
  names: Record<S, string>;
  search: Asked<S>;
  onChange: (change: Asked<S>) => void;
}) {
  const { t } = useSpeech();
  return (
    <Group gap="xs" mb="sm">
      <Search label={label} value={q ?? ""} onSearch={(typed) => onChange({ q: typed === "" ? undefined : typed })} />
      <NativeSelect
        aria-label={t.users.filterState}
        value={state ?? ""}
        data={[{ value: "", label: t.users.anyState }, ...states.map((value) => ({ value, label: names[value] }))]}
        onChange={({ currentTarget: { value } }) => onChange({ state: states.find((known) => known === value) })}
        flex="1 1 140px"
        maw={220}
      />
      {(q !== undefined || state !== undefined) && (
        <Button
          variant="subtle"
          leftSection={<IconFilterOff size={16} aria-hidden />}
          onClick={() => onChange({ q: undefined, state: undefined })}
        >
          {t.users.clearFilters}
        </Button>
      )}
    </Group>
  );
}
