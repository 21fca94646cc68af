import { Box, Group } from "@mantine/core";
import type { ReactNode } from "react";
import { Preferences } from "../shell/preferences";

/** The frame of a page that needs nobody to be signed in. */
export function Outside({ children }: { children: ReactNode }) {
  return (
    <Box component="main" p="md">
      <Group justify="flex-end">
        <Preferences />
      </Group>
      {children}
    </Box>
  );
}
