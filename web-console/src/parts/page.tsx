import { Box, Container, Group, Text, Title } from "@mantine/core";
import { useEffect, type ReactNode } from "react";
import { RequestButton } from "./request-button";
import { useTenantName } from "../shell/tenant";
import classes from "./parts.module.css";

/** One room: its title (also the window's), what it is for, and what can be done in it. */
export function Page({
  title,
  hint,
  badge,
  actions,
  above,
  children,
}: {
  title: string;
  hint?: string;
  badge?: ReactNode;
  actions?: ReactNode;
  above?: ReactNode;
  children: ReactNode;
}) {
  const tenant = useTenantName();
  useEffect(() => {
    document.title = tenant === "" ? title : `${title} · ${tenant}`;
  }, [title, tenant]);
  return (
    <Container size={1160} px={{ base: 0, sm: "md" }}>
      {above}
      <Group justify="space-between" mb="lg" gap="md">
        <Box miw={0}>
          <Group gap="sm">
            <Title order={1} size="h2" className={classes.title}>
              {title}
            </Title>
            {badge}
            <RequestButton />
          </Group>
          {hint !== undefined && (
            <Text c="dimmed" mt={4}>
              {hint}
            </Text>
          )}
        </Box>
        {actions !== undefined && <Group gap="xs">{actions}</Group>}
      </Group>
      {children}
    </Container>
  );
}

/** A titled surface of a page. */
export function Panel({
  title,
  hint,
  aside,
  children,
}: {
  title: string;
  hint?: string;
  aside?: ReactNode;
  children: ReactNode;
}) {
  return (
    <section className={classes.panel} aria-label={title}>
      <Group justify="space-between" align="flex-start" mb="md" wrap="nowrap">
        <div>
          <Title order={2} size="h4">
            {title}
          </Title>
          {hint !== undefined && (
            <Text c="dimmed" size="sm" mt={2}>
              {hint}
            </Text>
          )}
        </div>
        {aside}
      </Group>
      {children}
    </section>
  );
}

/** Names and values, in two columns where there is room. */
export function Facts({ facts }: { facts: [string, ReactNode][] }) {
  return (
    <dl className={classes.facts}>
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** A text for machines, which scrolls by itself. */
export function Code({ label, copy, children }: { label: string; copy: ReactNode; children: string }) {
  return (
    <div className={classes.raw}>
      <div className={classes.rawCopy}>{copy}</div>
      {/* Keyboards reach what scrolls. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <pre tabIndex={0} role="group" aria-label={label}>
        {children}
      </pre>
    </div>
  );
}

/** An object exactly as the API answers it. */
export function Raw({ value, label, copy }: { value: unknown; label: string; copy: ReactNode }) {
  return (
    <Code label={label} copy={copy}>
      {JSON.stringify(value, null, 2)}
    </Code>
  );
}
