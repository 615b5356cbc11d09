import { Option } from "commander";

/** The option of commands that read a graph from a file. */
export interface SecretOptions {
  readonly allowSecretLike?: ReadonlyArray<string>;
}

/** One field each time: the name of a variable, which a field may end with, can have a comma in it. */
export const allowSecretLike = (): Option =>
  new Option(
    "--allow-secret-like <field>",
    "a field that looks like a secret and is not, as the refusal names it; may be given again",
  ).argParser<ReadonlyArray<string>>((field, before = []) => [...before, field]);
