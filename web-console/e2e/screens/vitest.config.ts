import { fileURLToPath } from "node:url";
import { mergeConfig } from "vitest/config";
import stories from "../vitest.config";

// Pictures take their time, and each part needs what the one before it made.
const shown = { test: { testTimeout: 600_000, bail: 1 } };
export default mergeConfig({ ...stories, test: { ...stories.test, root: fileURLToPath(new URL(".", import.meta.url)) } }, shown);
