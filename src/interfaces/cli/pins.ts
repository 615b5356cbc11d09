import { InvalidArgumentError, Option } from "commander";
import { type InputName, inputNames, type Pins } from "../../domain/nix/flake/pins.ts";

const isInput = (name: string): name is InputName => inputNames.some((known) => known === name);

/** Reads `INPUT=REFERENCE`, and adds it to those given before. */
const parsePin = (text: string, before: Pins): Pins => {
  const { name = "", reference } = /^(?<name>[^=]*)=(?<reference>\S+)$/.exec(text)?.groups ?? {};
  if (reference === undefined)
    throw new InvalidArgumentError("It must be INPUT=REFERENCE, such as nixpkgs=path:/nixpkgs.");
  if (!isInput(name)) throw new InvalidArgumentError(`The inputs of a flake are ${inputNames.join(", ")}.`);
  return { ...before, [name]: reference };
};

/** `--pin`: where the inputs of a flake come from, a commit for example. */
export const pinOption = (): Option =>
  new Option(
    "--pin <input=reference>",
    `flake reference of an input (${inputNames.join(", ")}), such as nixpkgs=github:NixOS/nixpkgs/COMMIT; may be given again`,
  )
    .argParser(parsePin)
    .default({}, "branches of their projects");
