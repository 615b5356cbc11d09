import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { beforeAll, describe, expect, test } from "@jest/globals";
import type { Command } from "commander";
import { makeProgram } from "../../src/interfaces/cli/program.ts";
import { groupsFor } from "../../src/interfaces/cli/registry.ts";
import { fakeHost } from "./interfaces/cli/harness.ts";

const root = resolve(import.meta.dirname, "../..");

const read = (page: string): Promise<string> => readFile(resolve(root, page), "utf8");

/** Returns the paths that a page names in backticks. One with a part in angle brackets stands for many. */
const pathsIn = (text: string): ReadonlyArray<string> =>
  [...text.matchAll(/`((?:src|nix|tests|docs)\/[^`\s]*)`/g)]
    .map(([, path = ""]) => path)
    .filter((path) => !/[<*]/.test(path));

test.each(["CONTRIBUTING.md", "docs/architecture.md"])("the files that %s names are there", async (page) => {
  const paths = pathsIn(await read(page));
  expect(paths.length).toBeGreaterThan(5);
  expect(paths.filter((path) => !existsSync(resolve(root, path)))).toEqual([]);
});

/** All pages that users read. */
const pages: ReadonlyArray<string> = [
  "README.md",
  "CONTRIBUTING.md",
  ...(await readdir(join(root, "docs"))).filter((name) => name.endsWith(".md")).map((name) => `docs/${name}`),
];

/** The name under which a heading can be linked, as GitHub makes it. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
    .trim()
    .replaceAll(" ", "-");

const anchorsOf = (text: string): ReadonlyArray<string> =>
  [...text.replaceAll(/^```.*?^```/gms, "").matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) => anchorOf(heading));

const isLinkBroken = async (page: string, link: string): Promise<boolean> => {
  if (/^[a-z]+:/.test(link)) return false;
  const [path = "", anchor] = link.split("#");
  const file = path === "" ? page : join(dirname(page), path);
  if (!existsSync(resolve(root, file))) return true;
  return anchor !== undefined && !anchorsOf(await read(file)).includes(anchor);
};

test.each(pages)("every link of %s leads to a file, and to a heading if it names one", async (page) => {
  const text = (await read(page)).replaceAll(/`[^`\n]+`/g, "");
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = ""]) => link);
  const broken: Array<string> = [];
  for (const link of links) if (await isLinkBroken(page, link)) broken.push(link);
  expect(broken).toEqual([]);
});

test("every page is in the index of the documentation", async () => {
  const index = await read("docs/README.md");
  const missing = pages.filter((page) => page.startsWith("docs/") && page !== "docs/README.md");
  expect(missing.filter((page) => !index.includes(`](${page.slice("docs/".length)}`))).toEqual([]);
});

/** The words of a line of a shell, up to a comment or the next command of the line. */
const wordsOf = (line: string): ReadonlyArray<string> => {
  const words: Array<string> = [];
  for (const [word] of line.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'|&;<>()#]|(?<=\S)#)+|[|&;<>()#]/g)) {
    if (/^[|&;<>()#]$/.test(word)) break;
    words.push(word);
  }
  return words;
};

/** The command lines of `cim` in the blocks for a shell, and in the running text. */
const commandLinesIn = (text: string): ReadonlyArray<string> => {
  const blocks = [...text.matchAll(/^```sh\n(.*?)^```/gms)].flatMap(([, block = ""]) => block.split("\n"));
  const inText = [...text.replaceAll(/^```.*?^```/gms, "").matchAll(/`((?:\.\/bin\/)?cim [^`]+)`/g)];
  const parts = [...blocks, ...inText.map(([, line = ""]) => line)].flatMap((line) => line.split(/(?:&&|[|;]) */));
  return parts.map((part) => part.trim()).filter((part) => /^(?:\.\/bin\/)?cim /.test(part));
};

describe("the commands of the documentation", () => {
  let program: Command;

  beforeAll(async () => {
    const runner = { host: fakeHost().host, run: async () => {} };
    program = makeProgram(runner, await groupsFor(["completion"]));
  });

  /** What is wrong with a command line: a command or an option that is not there. */
  const faultOf = (line: string): string | undefined => {
    const [, ...words] = wordsOf(line);
    let command = program;
    for (const word of words) {
      const options = [...command.options, ...program.options];
      if (word.startsWith("-")) {
        const name = word.split("=")[0] ?? "";
        if (/[…X]/.test(name) || ["--help", "-h", "-V", "--version"].includes(name)) continue;
        if (!options.some(({ long, short }) => long === name || short === name)) return `${line}: no option ${name}`;
      } else if (command.commands.length > 0) {
        const next = command.commands.find((one) => one.name() === word || one.aliases().includes(word));
        if (next === undefined) {
          const isPlaceholder = /^[A-Z<…[]/.test(word) || word.includes("|") || word === "help";
          return isPlaceholder || command.registeredArguments.length > 0 ? undefined : `${line}: no command ${word}`;
        }
        command = next;
      }
    }
    return undefined;
  };

  // Recipes for changes of the program name commands that there would be.
  test.each(pages.filter((page) => page !== "CONTRIBUTING.md"))("in %s are there, with their options", async (page) => {
    const faults = commandLinesIn(await read(page)).map(faultOf);
    expect(faults.filter((fault) => fault !== undefined)).toEqual([]);
  });

  test("are looked at: a planted fault is found", () => {
    expect(["cim agents lst", "cim plan x.json --nope", "cim graph diff a b --exit-code # ok"].map(faultOf)).toEqual([
      "cim agents lst: no command lst",
      "cim plan x.json --nope: no option --nope",
      undefined,
    ]);
    expect(commandLinesIn("```sh\ncim status   # one\nFOO=1 x && ./bin/cim doctor\n```\nand `cim why leaf-1`")).toEqual(
      ["cim status   # one", "./bin/cim doctor", "cim why leaf-1"],
    );
  });
});
