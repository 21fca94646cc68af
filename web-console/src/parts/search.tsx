import { CloseButton, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import { useFirstSpeech } from "../i18n";

/** A field that a list is searched with while somebody types. */
export function Search({
  label,
  placeholder = label,
  value,
  onSearch,
}: {
  label: string;
  placeholder?: string;
  value: string;
  onSearch: (keyword: string) => void;
}) {
  const { t } = useFirstSpeech();
  const [typed, setTyped] = useState(value);
  const sent = useRef(value);
  const send = useDebouncedCallback((keyword: string) => {
    sent.current = keyword;
    onSearch(keyword);
  }, 250);
  useEffect(() => {
    // The address changed by itself (back, a cleared search): the field follows; an echo of the typing must not.
    if (value !== sent.current) {
      sent.current = value;
      setTyped(value);
    }
  }, [value]);
  const type = (keyword: string) => {
    setTyped(keyword);
    send(keyword.trim());
  };
  return (
    <TextInput
      type="search"
      aria-label={label}
      placeholder={placeholder}
      leftSection={<IconSearch size={16} aria-hidden />}
      rightSection={typed !== "" && <CloseButton size="sm" aria-label={t.users.clearSearch} onClick={() => type("")} />}
      value={typed}
      onChange={(event) => type(event.currentTarget.value)}
      flex="1 1 220px"
      maw={380}
    />
  );
}
