import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";
import { noncePlaceholder } from "./src/interfaces/http/static-files.ts";

const brotli = (bytes: Buffer) => promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } });

/** Puts smaller encodings beside each file of the page, so that the server need not make them. HTML has a nonce. */
const compressed: Plugin = {
  name: "compressed",
  async writeBundle({ dir = "" }, bundle) {
    for (const name of Object.keys(bundle).filter((one) => /\.(?:js|css|svg)$/.test(one))) {
      const file = join(dir, name);
      const bytes = await readFile(file);
      await writeFile(`${file}.br`, await brotli(bytes));
      await writeFile(`${file}.gz`, await promisify(gzip)(bytes, { level: 9 }));
    }
  },
};

/** The page of the console: built into `dist-page`, which `cim up` and `cim console` serve. */
export default defineConfig({
  root: "src/console/page",
  plugins: [react(), compressed],
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
