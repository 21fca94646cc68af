import { fileURLToPath } from "node:url";
import { defineConfig, mergeConfig } from "vitest/config";
import stories from "../vitest.config";

// Each part is a story of many pictures.
const test = { root: fileURLToPath(new URL(".", import.meta.url)), testTimeout: 600_000 };
export default mergeConfig(stories, defineConfig({ test }));
