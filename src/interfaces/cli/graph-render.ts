import type { Pins } from "../../domain/nix/mod.ts";
import { exitCode } from "./errors.ts";
import { writeFlake } from "./flake-folder.ts";
import { graphSource } from "./graph-source.ts";
import type { Invocation } from "./invocation.ts";
import { deployableGraph, flakeOf } from "./load-graph.ts";

interface RenderOptions {
  readonly out: string;
  readonly force?: boolean;
  /** Flake references by the name of the input. */
  readonly pins?: Pins;
}

/** The flake of a graph, into a folder. Same graph, same bytes. */
export const render =
  (file: string, { out, force = false, pins = {} }: RenderOptions) =>
  async (cli: Invocation): Promise<number> => {
    const flake = flakeOf(await deployableGraph(cli, await graphSource(file)), pins);
    await writeFlake(out, flake, force);
    const files = Object.keys(flake.files).sort();
    if (cli.output.json) cli.output.document({ out, files });
    cli.output.result(`${out}: ${files.join(", ")}`);
    return exitCode.done;
  };
