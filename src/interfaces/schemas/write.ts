import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { contexts } from "../../application/contexts.ts";
import { graphDocumentJsonSchema } from "../../domain/graph/json-schema.ts";
import { operations } from "../operations.ts";
import { asyncApi } from "./asyncapi.ts";

/**
 * Writes the generated files of `schemas/`; with `--check` it changes nothing and exits with 1 if one is out of date.
 * `npm run schemas` runs it.
 */
const root = resolve(import.meta.dirname, "../../..");

const version = async (): Promise<string> => {
  const manifest: unknown = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  return typeof manifest === "object" && manifest !== null && "version" in manifest ? String(manifest.version) : "0";
};

/** The generated files by path from the root. */
export const generatedFiles = async (): Promise<Readonly<Record<string, string>>> => {
  const text = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
  return {
    "schemas/deployment-graph.schema.json": text(graphDocumentJsonSchema()),
    "schemas/asyncapi.json": text(asyncApi(contexts, operations, { version: await version(), prefix: "cim" })),
  };
};

if (process.argv[1] === import.meta.filename) {
  const check = process.argv.includes("--check");
  for (const [path, text] of Object.entries(await generatedFiles())) {
    const current = await readFile(join(root, path), "utf8").catch(() => "");
    if (current === text) continue;
    if (check) {
      console.error(`${path} is out of date: run \`npm run schemas\` and commit it`);
      process.exitCode = 1;
      continue;
    }
    await mkdir(join(root, "schemas"), { recursive: true });
    await writeFile(join(root, path), text);
    console.error(`wrote ${path}`);
  }
}
