import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    root: fileURLToPath(new URL(".", import.meta.url)),
    include: ["*.test.ts"],
    // One story after the other: they share one server, and the later ones use what the earlier ones made.
    fileParallelism: false,
    bail: process.env.CI ? 1 : 0,
    // Several times what the longest story takes, for a machine that is slow or busy.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 45_000 } },
  },
});
