import { Select, type SelectProps } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { usersQuery } from "../api/first-queries";
import { useSpeech } from "../i18n";

/** Picks one of many users: asks the server while one types. */
export function UserSelect({ value, onChange, ...select }: Omit<SelectProps, "data" | "value" | "onChange"> & {
  value?: string;
  onChange: (name: string | undefined) => void;
}) {
  const { t } = useSpeech();
  const [typed, setTyped] = useState(value ?? "");
  const [keyword] = useDebouncedValue(typed.trim(), 250);
  // What was chosen stands in the field; asking for it would leave nobody else to choose.
  const asked = keyword === "" || keyword === value ? undefined : keyword;
  const users = useQuery(usersQuery({ size: 20, keyword: asked }));
  const found = (users.data?.items ?? []).map(({ user }) => ({
    value: user.metadata.name,
    label: user.metadata.name,
    shown: user.spec.displayName,
  }));
  if (value !== undefined && !found.some((item) => item.value === value)) found.push({ value, label: value, shown: "" });
  return (
    <Select
      searchable
      clearable
      clearButtonProps={{ "aria-label": t.common.clear }}
      nothingFoundMessage={users.isFetching ? t.common.loading : t.users.nothingFound(typed)}
      {...select}
      data={found}
      // The server has chosen already: display names and addresses match as well.
      filter={({ options }) => options}
      renderOption={({ option }) => {
        const item = found.find((known) => known.value === option.value);
        return item?.shown && item.shown !== item.label ? `${item.shown} (${item.label})` : option.label;
      }}
      value={value ?? null}
      onChange={(chosen) => onChange(chosen ?? undefined)}
      searchValue={typed}
      onSearchChange={setTyped}
    />
  );
}
