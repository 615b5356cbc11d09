import { writeFile } from "node:fs/promises";
import type { GraphDocument } from "../../../domain/graph/document.ts";
import { inputsOf, type Pins } from "../../../domain/nix/mod.ts";
import { lockedReference } from "../../../infrastructure/nixos/pin.ts";
import { withClient } from "../connection.ts";
import { CliFailure, exitCode, messageOf } from "../errors.ts";
import type { Invocation } from "../invocation.ts";
import { documentOf, readText } from "../read-input.ts";
import { withValue } from "./graph-file.ts";
import { graphSourceOrId, readGraph } from "./source.ts";

/** What each input is now, as nix says. */
const resolved = async (wanted: Pins, { signal, output }: Invocation): Promise<Pins> => {
  const pins: Record<string, string> = {};
  for (const [name, reference] of Object.entries(wanted)) {
    try {
      pins[name] = await lockedReference(reference, signal);
    } catch (error) {
      signal.throwIfAborted();
      throw new CliFailure(
        `${name}: ${messageOf(error)}: name a commit with --pin ${name}=REFERENCE --as-given, or try again`,
        { cause: error },
      );
    }
    output.note(`${name}: ${reference} is ${pins[name]}`);
  }
  return pins;
};

/** Where the inputs of a graph's flake come from if nobody pins them. */
const unpinned = (document: GraphDocument): Pins =>
  Object.fromEntries(inputsOf({ nodes: document.nodes }).map(({ name, reference }) => [name, reference]));

interface PinOptions {
  readonly pin: Pins;
  /** Takes references as they are, without asking nix. */
  readonly asGiven?: boolean;
}

/**
 * Pins the inputs of a graph: those that are named, otherwise all that it has, at what their references mean now. In a
 * file that changes its `pins`; of a stored graph it makes a new version.
 */
export const pinGraph =
  (argument: string, { pin, asGiven = false }: PinOptions) =>
  async (cli: Invocation): Promise<number> => {
    const source = await graphSourceOrId(argument);
    const document = await readGraph(cli, source);
    const wanted = Object.keys(pin).length === 0 ? unpinned(document) : pin;
    const given = asGiven ? wanted : await resolved(wanted, cli);
    const pins = { ...document.pins, ...given };
    if ("file" in source) {
      if (source.file === "-") throw new CliFailure("standard input cannot be changed: name a file");
      const text = await readText(cli.host, source.file);
      const raw = documentOf(text, source.file);
      if (typeof raw !== "object" || raw === null || !("nodes" in raw))
        throw new CliFailure(
          `${source.file} is not a graph document: export it with \`cim graph show --format json\` first`,
        );
      await writeFile(source.file, withValue(source.file, text, ["pins"], pins));
    } else {
      const { id } = source;
      await withClient(cli, (client) => client.command("graph", id, "pin", { pins: given }, { signal: cli.signal }));
    }
    if (cli.output.json) cli.output.document({ graph: document.id, pins });
    cli.output.result(Object.entries(pins).map(([name, reference]) => `${name} ${reference}`));
    return exitCode.done;
  };
