import { join } from "node:path";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { noncePlaceholder } from "./src/interfaces/http/static-files.ts";

/** The page of the console: built into `dist-page`, which `cim up` and `cim console` serve. */
export default defineConfig({
  root: "src/console/page",
  plugins: [react()],
  resolve: {
    alias: { "effect/schema/SchemaJITCompiler": join(import.meta.dirname, "src/console/page/data/no-compiler.ts") },
  },
  // The Content-Security-Policy of the HTTP port: styles by nonce, no inline script, nothing from elsewhere.
  html: { cspNonce: noncePlaceholder },
  build: {
    outDir: process.env.CIM_PAGE_FOLDER ?? "../../../dist-page",
    emptyOutDir: true,
    target: "es2023",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1_000,
  },
  worker: { format: "es" },
});
