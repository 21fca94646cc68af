import { Stack, Text, ThemeIcon, Title } from "@mantine/core";
import type { ReactNode } from "react";

/** Nothing to show, why, and a way out. */
export function Empty({
  icon,
  title,
  hint,
  order = 2,
  children,
}: {
  icon: ReactNode;
  title: string;
  hint?: string;
  /** 1 where this is the whole page. */
  order?: 1 | 2;
  children?: ReactNode;
}) {
  return (
    <Stack align="center" gap="xs" py={56} px="md" ta="center">
      <ThemeIcon variant="light" size={52} radius="xl" aria-hidden>
        {icon}
      </ThemeIcon>
      <Title order={order} size="h5" mt="xs">
        {title}
      </Title>
      {hint !== undefined && (
        <Text c="dimmed" size="sm" maw={420}>
          {hint}
        </Text>
      )}
      {children !== undefined && <div style={{ marginTop: 12 }}>{children}</div>}
    </Stack>
  );
}
