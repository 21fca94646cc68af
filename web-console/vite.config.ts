import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

export default defineConfig({
  // Relative addresses resolve against <base href>, which the server writes for each tenant.
  base: "",
  plugins: [react()],
  build: {
    target: "es2023",
    assetsInlineLimit: 0,
    // The polyfill would be an inline script, which the Content-Security-Policy refuses.
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900,
  },
  server: {
    open: "/console/",
    proxy: {
      "/apis": "http://127.0.0.1:8080",
      "/.well-known": "http://127.0.0.1:8080",
      "/console/sign-in": "http://127.0.0.1:8080",
      "/oauth2": "http://127.0.0.1:8080",
      "/login": "http://127.0.0.1:8080",
      "/docs": "http://127.0.0.1:8080",
      "/swagger-ui": "http://127.0.0.1:8080",
      "/openapi": "http://127.0.0.1:8080",
    },
  },
  test: { include: ["src/**/*.test.ts"] },
});
