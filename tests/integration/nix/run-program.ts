import { type ExecFileSyncOptionsWithStringEncoding, execFileSync } from "node:child_process";
import { resolve } from "node:path";
import { programs } from "../../../src/domain/nix/unit/programs.ts";

/** Where the programs of flakes stand. */
export const programsFolder = resolve("nix/programs");

const options = ["-o", "errexit", "-o", "nounset", "-o", "pipefail"];

/** Runs a program of flakes with the options of bash that nixpkgs sets; returns what it prints. Throws if it fails. */
export const runProgram = (
  name: keyof typeof programs,
  args: ReadonlyArray<string>,
  env: Readonly<Record<string, string>> = {},
): string => {
  const settings: ExecFileSyncOptionsWithStringEncoding = {
    encoding: "utf8",
    env: { PATH: process.env.PATH, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  };
  return execFileSync("bash", [...options, `${programsFolder}/${programs[name].name}.sh`, ...args], settings);
};
