import { TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { useEffect, useRef, useState } from "react";

interface Filter {
  label: string;
  value?: string;
  onChange: (value?: string) => void;
}

/** A text filter: the address follows the typing after a moment, and the field follows the address. */
export function TextFilter({ label, value, onChange }: Filter) {
  const [typed, setTyped] = useState(value ?? "");
  const sent = useRef(value ?? "");
  const send = useDebouncedCallback((text: string) => {
    sent.current = text;
    onChange(text === "" ? undefined : text);
  }, 300);
  useEffect(() => {
    if ((value ?? "") !== sent.current) {
      sent.current = value ?? "";
      setTyped(value ?? "");
    }
  }, [value]);
  return (
    <TextInput
      label={label}
      autoComplete="off"
      spellCheck={false}
      value={typed}
      onChange={(event) => {
        setTyped(event.currentTarget.value);
        send(event.currentTarget.value.trim());
      }}
      flex="1 1 140px"
      maw={240}
    />
  );
}

/** A filter for a local time, as the browser's own field writes it. */
export function TimeFilter({ label, value, onChange }: Filter) {
  return (
    <TextInput
      type="datetime-local"
      label={label}
      value={value ?? ""}
      onChange={({ currentTarget: { value: typed } }) => onChange(typed === "" ? undefined : typed)}
      flex="1 1 180px"
      maw={230}
    />
  );
}
