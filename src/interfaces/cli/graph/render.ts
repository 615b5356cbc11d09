import type { Pins } from "../../../domain/nix/mod.ts";
import { exitCode } from "../errors.ts";
import type { Invocation } from "../invocation.ts";
import { flakeOf, writeFlake } from "./flake.ts";
import { deployableGraph, graphSource } from "./source.ts";

interface RenderOptions {
  readonly out: string;
  readonly force?: boolean;
  /** Flake references by the name of the input. */
  readonly pins?: Pins;
  /** Fields that may look like secrets. */
  readonly allowSecretLike?: ReadonlyArray<string>;
}

/** Writes the flake of a graph to a folder. The same graph gives the same bytes. */
export const render =
  (file: string, { out, force = false, pins = {}, allowSecretLike = [] }: RenderOptions) =>
  async (cli: Invocation): Promise<number> => {
    const { document, texts } = await deployableGraph(cli, await graphSource(file), allowSecretLike);
    const flake = flakeOf(document, pins, texts);
    await writeFlake(out, flake, force);
    const files = Object.keys(flake.files).sort();
    if (cli.output.json) cli.output.document({ out, files });
    cli.output.result(`${out}: ${files.join(", ")}`);
    return exitCode.done;
  };
