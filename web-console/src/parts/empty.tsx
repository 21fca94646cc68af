import { Stack, Text, ThemeIcon } from "@mantine/core";
import type { ReactNode } from "react";

/** Nothing to show, why, and a way out. */
export function Empty({
  icon,
  title,
  hint,
  children,
}: {
  icon: ReactNode;
  title: string;
  hint?: string;
  children?: ReactNode;
}) {
  return (
    <Stack align="center" gap="xs" py={56} px="md" ta="center">
      <ThemeIcon variant="light" size={52} radius="xl" aria-hidden>
        {icon}
      </ThemeIcon>
      <Text fw={600} mt="xs">
        {title}
      </Text>
      {hint !== undefined && (
        <Text c="dimmed" size="sm" maw={420}>
          {hint}
        </Text>
      )}
      {children !== undefined && <div style={{ marginTop: 12 }}>{children}</div>}
    </Stack>
  );
}
