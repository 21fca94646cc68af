import { ActionIcon, Group, Menu, useMantineColorScheme, type MantineColorScheme } from "@mantine/core";
import { IconDeviceDesktop, IconLanguage, IconMoon, IconSun } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useFirstSpeech } from "../i18n";
import { LANGUAGES, type Language } from "../i18n/language";

interface Choice<T extends string> {
  value: T;
  label: string;
  icon?: ReactNode;
  lang?: string;
}

function ChoiceMenu<T extends string>(props: {
  label: string;
  icon: ReactNode;
  chosen: T;
  choices: Choice<T>[];
  onChoose: (value: T) => void;
}) {
  return (
    <Menu position="top-start" width={180} withinPortal>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={props.label}>
          {props.icon}
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown aria-label={props.label}>
        <Menu.RadioGroup
          value={props.chosen}
          onChange={(value) => {
            const choice = props.choices.find((known) => known.value === value);
            if (choice !== undefined) props.onChoose(choice.value);
          }}
        >
          {props.choices.map((choice) => (
            <Menu.RadioItem key={choice.value} value={choice.value} lang={choice.lang} rightSection={choice.icon} closeMenuOnClick>
              {choice.label}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
      </Menu.Dropdown>
    </Menu>
  );
}

/** Language and appearance: small choices that belong to the person, not to the tenant. */
export function Preferences() {
  const { t, language, setLanguage } = useFirstSpeech();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const schemes: Choice<MantineColorScheme>[] = [
    { value: "light", label: t.shell.light, icon: <IconSun size={16} aria-hidden /> },
    { value: "dark", label: t.shell.dark, icon: <IconMoon size={16} aria-hidden /> },
    { value: "auto", label: t.shell.system, icon: <IconDeviceDesktop size={16} aria-hidden /> },
  ];
  const current = { light: <IconSun size={19} />, dark: <IconMoon size={19} />, auto: <IconDeviceDesktop size={19} /> };
  return (
    <Group gap={4}>
      <ChoiceMenu
        label={t.shell.scheme}
        icon={current[colorScheme]}
        chosen={colorScheme}
        choices={schemes}
        onChoose={setColorScheme}
      />
      <ChoiceMenu<Language>
        label={t.shell.language}
        icon={<IconLanguage size={19} />}
        chosen={language}
        choices={(Object.keys(LANGUAGES) as Language[]).map((value) => ({
          value,
          label: LANGUAGES[value],
          lang: value,
        }))}
        onChoose={(value) => void setLanguage(value)}
      />
    </Group>
  );
}
