import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { expect, test } from "@jest/globals";

const root = resolve(import.meta.dirname, "../..");

/** Returns the paths that a page names in backticks. One with a part in angle brackets stands for many. */
const pathsIn = (text: string): ReadonlyArray<string> =>
  [...text.matchAll(/`((?:src|nix|tests|docs)\/[^`\s]*)`/g)]
    .map(([, path = ""]) => path)
    .filter((path) => !/[<*]/.test(path));

test.each(["CONTRIBUTING.md", "docs/architecture.md"])("the files that %s names are there", async (page) => {
  const paths = pathsIn(await readFile(resolve(root, page), "utf8"));
  expect(paths.length).toBeGreaterThan(5);
  expect(paths.filter((path) => !existsSync(resolve(root, path)))).toEqual([]);
});
