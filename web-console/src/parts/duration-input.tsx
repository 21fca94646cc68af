import { NativeSelect, NumberInput, type NumberInputProps } from "@mantine/core";
import { useState } from "react";
import { useSpeech } from "../i18n";
import { fromSeconds, inUnits, toSeconds, UNITS, unitOf, type Unit } from "./duration";

/** Seconds, or nothing while somebody types. */
export type Seconds = number | "";

/** A length of time as people say it; its value is in seconds. */
export function DurationInput({
  label,
  value = "",
  onChange,
  error,
  disabled,
  ...input
}: Omit<NumberInputProps, "label" | "value" | "onChange"> & {
  label: string;
  value?: Seconds;
  onChange: (seconds: Seconds) => void;
}) {
  const { t, format } = useSpeech();
  const [known, setKnown] = useState(value);
  const [unit, setUnit] = useState<Unit>(value === "" ? "minute" : unitOf(value));
  if (value !== known) {
    // It was changed elsewhere: read again, discarded, set to its default.
    setKnown(value);
    if (value !== "") setUnit(unitOf(value));
  }
  const give = (seconds: Seconds) => {
    setKnown(seconds);
    onChange(seconds);
  };
  const amount = value === "" ? "" : fromSeconds(value, unit);
  return (
    <NumberInput
      {...input}
      label={label}
      value={amount}
      disabled={disabled}
      error={typeof error === "string" ? inUnits(error, format.duration) : error}
      allowDecimal={false}
      allowNegative={false}
      hideControls
      onChange={(typed) => give(typeof typed === "number" ? toSeconds(typed, unit) : "")}
      rightSectionWidth={112}
      rightSection={
        <NativeSelect
          variant="unstyled"
          // Else it inherits the width that the field around it gave to itself as a section.
          rightSectionWidth={28}
          aria-label={t.common.unitOf(label)}
          disabled={disabled}
          value={unit}
          data={UNITS.map((each) => ({ value: each, label: t.common.units[each] }))}
          onChange={(event) => {
            const chosen = UNITS.find((each) => each === event.currentTarget.value) ?? unit;
            setUnit(chosen);
            if (amount !== "") give(toSeconds(amount, chosen));
          }}
        />
      }
    />
  );
}
