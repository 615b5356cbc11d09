import { writeFile } from "node:fs/promises";
import { CliFailure, exitCode, messageOf } from "./errors.ts";
import { type Format, graphText } from "./graph-format.ts";
import type { StoredGraph } from "./graph-source.ts";
import type { Invocation } from "./invocation.ts";
import { readGraph } from "./load-graph.ts";

interface ExportOptions {
  readonly version?: number;
  readonly format: Format;
  readonly out?: string;
}

/** Writes a stored graph to a file, or to standard output. */
export const exportGraph =
  (id: string, { version, format, out }: ExportOptions) =>
  async (cli: Invocation): Promise<number> => {
    const stored: StoredGraph = { id, ...(version === undefined ? {} : { version }) };
    const text = graphText(await readGraph(cli, stored), format);
    if (out === undefined) {
      if (cli.output.json) cli.output.document({ format, text });
      cli.output.result(text);
      return exitCode.done;
    }
    try {
      await writeFile(out, text);
    } catch (error) {
      throw new CliFailure(`${out} cannot be written (${messageOf(error)}): choose another --out`, { cause: error });
    }
    if (cli.output.json) cli.output.document({ format, out });
    cli.output.result(out);
    return exitCode.done;
  };
