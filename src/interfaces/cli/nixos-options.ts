import { homedir } from "node:os";
import { join } from "node:path";
import { type Command, InvalidArgumentError, Option } from "commander";
import type { Pins } from "../../domain/nix/mod.ts";
import type { NixosOptions } from "../../infrastructure/nixos/nixos-hosts.ts";
import type { Environment } from "./settings.ts";

/** Reads `INPUT=REFERENCE`, and adds it to those given before. */
const parsePin = (text: string, before: Pins): Pins => {
  const { name = "", reference } = /^(?<name>[A-Za-z_][\w-]*)=(?<reference>\S+)$/.exec(text)?.groups ?? {};
  if (reference === undefined)
    throw new InvalidArgumentError("It must be INPUT=REFERENCE, such as nixpkgs=path:/nixpkgs.");
  return { ...before, [name]: reference };
};

/** `--pin`: where an input of a flake comes from, such as a commit. */
export const pinOption = (): Option =>
  new Option(
    "--pin <input=reference>",
    "flake reference of an input (nixpkgs, or one that a host names), such as nixpkgs=github:NixOS/nixpkgs/COMMIT; may be given again",
  )
    .argParser(parsePin)
    .default({}, "branches of their projects");

/** The values of the options of {@link addNixosOptions}. */
export interface NixosWishes {
  readonly pin: Pins;
  readonly sshOption: ReadonlyArray<string>;
  readonly buildOn: NixosOptions["buildOn"];
  readonly checkSignatures: boolean;
}

/** One more `--ssh-option` on the command line. Nix passes options on in a variable, separated by spaces. */
const sshOption = (text: string, before: ReadonlyArray<string>): ReadonlyArray<string> => {
  if (!/^\w+=\S+$/.test(text))
    throw new InvalidArgumentError(
      "It must be OPTION=VALUE without spaces. A value with spaces goes into ~/.ssh/config.",
    );
  return [...before, "-o", text];
};

/** `--ssh-option`: how real hosts are reached. */
export const sshOptions = (): Option =>
  new Option("--ssh-option <option=value>", "how real hosts are reached, besides ~/.ssh/config; may be given again")
    .argParser(sshOption)
    .default([]);

/** Adds the options for reaching and building real hosts. */
export const addNixosOptions = (command: Command): Command =>
  command
    .addOption(pinOption())
    .addOption(sshOptions())
    .addOption(
      new Option("--build-on <where>", "the machine that builds the systems of real hosts")
        .choices(["local", "host"])
        .default("local"),
    )
    .option("--check-signatures", "real hosts accept only closures that a key they trust has signed", false);

/** The settings of real hosts. Flakes are kept in the cache, because they can be made again. */
export const nixosOptions = (env: Environment, wishes: NixosWishes): NixosOptions => ({
  folder: join(env.XDG_CACHE_HOME || join(env.HOME || homedir(), ".cache"), "cim-leaf"),
  ssh: { arguments: wishes.sshOption },
  buildOn: wishes.buildOn,
  checkSignatures: wishes.checkSignatures,
});
