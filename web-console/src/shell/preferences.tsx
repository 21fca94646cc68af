import { Group, NativeSelect, useMantineColorScheme, type MantineColorScheme } from "@mantine/core";
import { IconContrast, IconLanguage } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useFirstSpeech } from "../i18n";
import { LANGUAGES, type Language } from "../i18n/language";

function Choice<T extends string>(props: {
  label: string;
  icon: ReactNode;
  chosen: T;
  choices: Record<T, string>;
  speaks?: boolean;
  onChoose: (value: T) => void;
}) {
  return (
    <NativeSelect
      size="xs"
      flex={1}
      miw={0}
      aria-label={props.label}
      leftSection={props.icon}
      value={props.chosen}
      onChange={(event) => props.onChoose(event.currentTarget.value as T)}
    >
      {Object.entries<string>(props.choices).map(([value, name]) => (
        <option key={value} value={value} lang={props.speaks ? value : undefined}>
          {name}
        </option>
      ))}
    </NativeSelect>
  );
}

/** Language and appearance: small choices that belong to the person, not to the tenant. */
export function Preferences() {
  const { t, language, setLanguage } = useFirstSpeech();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Group gap="xs" wrap="nowrap">
      <Choice<MantineColorScheme>
        label={t.shell.scheme}
        icon={<IconContrast size={16} aria-hidden />}
        chosen={colorScheme}
        choices={{ light: t.shell.light, dark: t.shell.dark, auto: t.shell.system }}
        onChoose={setColorScheme}
      />
      <Choice<Language>
        label={t.shell.language}
        icon={<IconLanguage size={16} aria-hidden />}
        chosen={language}
        choices={LANGUAGES}
        speaks
        onChoose={(value) => void setLanguage(value)}
      />
    </Group>
  );
}
