import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "@jest/globals";

/** Evaluation needs no store: nothing that generated flakes say is built or copied here. */
const settings = ["--option", "store", "dummy://", "--option", "substituters", ""];

const run = (args: ReadonlyArray<string>): string =>
  execFileSync("nix-instantiate", [...settings, ...args], {
    encoding: "utf8",
    maxBuffer: 256 * 1024 * 1024,
    stdio: ["ignore", "pipe", "pipe"],
  });

const inFile = <A>(text: string, use: (file: string) => A): A => {
  const folder = mkdtempSync(join(tmpdir(), "cim-nix-"));
  try {
    const file = join(folder, "expression.nix");
    writeFileSync(file, text);
    return use(file);
  } finally {
    rmSync(folder, { recursive: true });
  }
};

/** Throws where Nix does not parse the text. */
export const parse = (text: string): void => {
  inFile(text, (file) => run(["--parse", file]));
};

/** What the text evaluates to, as JSON. */
export const evaluate = (text: string): unknown =>
  inFile(text, (file) => JSON.parse(run(["--eval", "--strict", "--json", file])));

const isInstalled = (program: string): boolean => {
  try {
    execFileSync(program, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
};

/** A group of tests that need a program; where it is missing they are skipped, and a warning says why. */
const describeWith = (program: string, hint: string, required: boolean) => (name: string, tests: () => void) => {
  if (isInstalled(program)) {
    describe(name, tests);
    return;
  }
  const missing = `${program} is not installed: ${hint}`;
  if (required)
    test(name, () => {
      throw new Error(`${missing}; CIM_REQUIRE_NIX=1 asks for it`);
    });
  else {
    console.warn(`skipped "${name}": ${missing}`);
    describe.skip(name, tests);
  }
};

/** With CIM_REQUIRE_NIX=1 these tests fail where Nix is missing. */
export const describeWithNix = describeWith(
  "nix-instantiate",
  "apt-get install nix-bin brings it",
  process.env.CIM_REQUIRE_NIX === "1",
);

export const describeWithSystemd = describeWith("systemd-analyze", "apt-get install systemd brings it", false);

export const describeWithNixfmt = describeWith(
  "nixfmt",
  "it is a package of nixpkgs, and at https://github.com/NixOS/nixfmt",
  false,
);
