import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { attributes, binding } from "../../../src/domain/nix/language/expression.ts";
import { printFile } from "../../../src/domain/nix/language/print.ts";
import { anyDeployableGraph } from "../../support/any-graph.ts";
import { everything } from "../../unit/domain/nix/graphs.ts";
import { layouts } from "../../unit/domain/nix/language/layouts.ts";
import { filesOf } from "../../unit/domain/nix/rendering.ts";
import { describeWithNixfmt } from "./nix.ts";
import { samples } from "./trees.ts";

/** The texts as nixfmt writes them. */
const formatted = (texts: ReadonlyArray<string>): ReadonlyArray<string> => {
  const folder = mkdtempSync(join(tmpdir(), "cim-nixfmt-"));
  try {
    const files = texts.map((_, index) => join(folder, `${index}.nix`));
    for (const [index, file] of files.entries()) writeFileSync(file, texts[index] ?? "");
    execFileSync("nixfmt", files, { stdio: ["ignore", "ignore", "pipe"] });
    return files.map((file) => readFileSync(file, "utf8"));
  } finally {
    rmSync(folder, { recursive: true });
  }
};

const nixFiles = (files: Readonly<Record<string, string>>): ReadonlyArray<string> =>
  Object.entries(files).flatMap(([name, text]) => (name.endsWith(".nix") ? [text] : []));

describeWithNixfmt("nixfmt leaves as it is", () => {
  test("each layout that the unit tests expect", () => {
    const texts = layouts.map(([, , text]) => `${text}\n`);
    expect(formatted(texts)).toEqual(texts);
  });

  test("any tree", () => {
    const texts = fc.sample(samples, { numRuns: 3000, seed: 1 }).map(([expression]) => printFile(expression));
    expect(formatted(texts)).toEqual(texts);
  });

  test("a file with a comment above it", () => {
    const texts = fc
      .sample(samples, { numRuns: 1000, seed: 2 })
      .map(([expression]) => printFile(attributes([binding("value", expression)]), "Generated.\n\nDo not edit."));
    expect(formatted(texts)).toEqual(texts);
  });

  test("every file of a flake", () => {
    const graphs = [everything, ...fc.sample(anyDeployableGraph, { numRuns: 100, seed: 3 })];
    const texts = graphs.flatMap((graph) => nixFiles(filesOf(graph)));
    expect(texts.length).toBeGreaterThan(graphs.length);
    expect(formatted(texts)).toEqual(texts);
  });
});
