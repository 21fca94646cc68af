import { NumberInput, type NumberInputProps } from "@mantine/core";
import { useState } from "react";

const MEBIBYTE = 2 ** 20;

const bytesOf = (typed: number | string) => (typed === "" ? "" : Math.round(Number(typed) * MEBIBYTE));

/** A size as people say it, in mebibytes; its value is in bytes, or nothing while somebody types. */
export function BytesInput({
  label,
  value = "",
  onChange,
  ...input
}: Omit<NumberInputProps, "label" | "value" | "onChange"> & { label: string; value?: number | ""; onChange: (bytes: number | "") => void }) {
  const [typed, type] = useState<number | string>("");
  // What was typed stays as it was, such as “1.”, until another size comes from elsewhere.
  const shown = bytesOf(typed) === value ? typed : value === "" ? "" : value / MEBIBYTE;
  return (
    <NumberInput
      {...input}
      label={`${label} (MiB)`}
      value={shown}
      allowNegative={false}
      hideControls
      thousandSeparator=" "
      onChange={(given) => {
        type(given);
        onChange(bytesOf(given));
      }}
    />
  );
}
