import { Group, SegmentedControl, Stack, Switch, Tabs, Text } from "@mantine/core";
import { useState } from "react";
import type { TemplatePreview } from "../../api/types";
import { useSpeech } from "../../i18n";
import classes from "../messages.module.css";

/** Nothing of a preview reaches out but pictures, and nothing of it acts. */
const POLICY =
  '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; img-src https: data:; style-src \'unsafe-inline\'">';

/** What a template makes: as HTML, at the width of a phone and in the dark, and as text. */
export function Preview({ made }: { made: TemplatePreview }) {
  const { t, format } = useSpeech();
  const words = t.templates;
  const [width, setWidth] = useState("wide");
  const [dark, setDark] = useState(false);
  if (made.html === undefined || made.text === undefined) {
    return (
      <Text size="sm" c="dimmed">
        {words.noPreview}
      </Text>
    );
  }
  return (
    <Stack gap="sm">
      <Text size="sm">
        {words.subject}: <b>{made.subject}</b>
      </Text>
      <Tabs defaultValue="html" keepMounted={false}>
        <Tabs.List mb="sm" aria-label={words.preview}>
          <Tabs.Tab value="html">HTML</Tabs.Tab>
          <Tabs.Tab value="text">{words.text}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="html">
          <Group mb="sm">
            <SegmentedControl
              aria-label={words.width}
              value={width}
              onChange={setWidth}
              data={[
                { value: "wide", label: words.wide },
                { value: "phone", label: words.phone },
              ]}
            />
            <Switch label={words.dark} checked={dark} onChange={(event) => setDark(event.currentTarget.checked)} />
          </Group>
          <iframe
            className={classes.preview}
            style={{ maxWidth: width === "phone" ? 360 : undefined, colorScheme: dark ? "dark" : "light", background: dark ? "#1a1b1e" : "#fff" }}
            title={words.preview}
            sandbox=""
            srcDoc={POLICY + made.html}
            referrerPolicy="no-referrer"
          />
        </Tabs.Panel>
        <Tabs.Panel value="text">
          {/* Keyboards reach what scrolls. */}
          {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
          <pre className={classes.text} tabIndex={0} role="region" aria-label={words.text}>
            {made.text}
          </pre>
        </Tabs.Panel>
      </Tabs>
      <Text size="xs" c="dimmed">
        {words.bytes(format.number(made.bytes))}
      </Text>
    </Stack>
  );
}
