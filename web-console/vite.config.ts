import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

const TEXT = /\.(?:html|js|css|svg|json|txt|webmanifest)$/;

/** Writes `.br` and `.gz` beside each text file, so that no server spends a cycle on compressing what never changes. */
function compressed(): Plugin {
  let folder = "dist";
  return {
    name: "compressed",
    apply: "build",
    configResolved(config) {
      folder = join(config.root, config.build.outDir);
      if (config.build.outDir.startsWith("/")) folder = config.build.outDir;
    },
    async closeBundle() {
      const files = await readdir(folder, { recursive: true });
      await Promise.all(
        files
          .filter((file) => TEXT.test(file))
          .map(async (file) => {
            const bytes = await readFile(join(folder, file));
            const br = await promisify(brotliCompress)(bytes, {
              params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
            });
            const gz = await promisify(gzip)(bytes, { level: 9 });
            await Promise.all([writeFile(join(folder, `${file}.br`), br), writeFile(join(folder, `${file}.gz`), gz)]);
          }),
      );
    },
  };
}

export default defineConfig({
  // Relative addresses resolve against <base href>, which the server writes for each tenant.
  base: "",
  plugins: [react(), compressed()],
  build: {
    target: "es2023",
    assetsInlineLimit: 0,
    // The polyfill would be an inline script, which the Content-Security-Policy refuses.
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900,
  },
  server: {
    open: "/console/",
    proxy: { "/apis": "http://127.0.0.1:8080" },
  },
  test: { include: ["src/**/*.test.ts"] },
});
