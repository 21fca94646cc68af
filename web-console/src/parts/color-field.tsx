import { TextInput, type TextInputProps } from "@mantine/core";
import parts from "./parts.module.css";

/** A colour, typed as `#rrggbb` or chosen with what the browser has for that. */
export function ColorField({
  chooseLabel,
  shown,
  ...input
}: Omit<TextInputProps, "onChange" | "value"> & {
  value?: string;
  onChange?: (color: string) => void;
  /** What the chooser is called. */
  chooseLabel: string;
  /** The colour that is in force, if the text is not one. */
  shown: string;
}) {
  return (
    <TextInput
      {...input}
      autoComplete="off"
      spellCheck={false}
      onChange={(event) => input.onChange?.(event.currentTarget.value)}
      leftSection={
        <input
          type="color"
          className={parts.swatch}
          aria-label={chooseLabel}
          disabled={input.disabled}
          value={shown}
          onChange={(event) => input.onChange?.(event.currentTarget.value)}
        />
      }
    />
  );
}
