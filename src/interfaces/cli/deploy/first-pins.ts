import { CommandRefused } from "../../../agents/kit/errors.ts";
import type { Client } from "../../../agents/kit/mod.ts";
import { defined } from "../../../domain/kernel/mod.ts";
import { CliFailure } from "../errors.ts";
import { type Asking, type Resolve, resolved } from "../graph/pin.ts";
import type { Chosen } from "./request.ts";

/** Milliseconds that nix may take to say what a reference means: without a network it tries for minutes. */
const patience = 60_000;

const notPinned = ({ output }: Asking, graph: string, names: string, why: string) =>
  output.note(
    `${names} of graph ${graph} stays unpinned: ${why}. Every machine that builds finds out what it means, and two may differ; pin it with \`cim graph pin ${graph}\``,
  );

/**
 * Pins the inputs that nobody has pinned, before a graph is requested for real hosts for the first time: the digest that is
 * voted on then says which nixpkgs is built, and a later change of one line cannot bring another one. It happens here and
 * not in the backend, which needs no nix. Returns the version that has the pins; what was chosen if there is nothing to pin,
 * or if it cannot be done, and says why. A version that the user has named stays as it is.
 */
export const withFirstPins = async (
  cli: Asking,
  client: Pick<Client, "query" | "command">,
  { chosen, isNamed }: { readonly chosen: Chosen; readonly isNamed: boolean },
  resolve?: Resolve,
): Promise<Chosen> => {
  const { signal, output } = cli;
  const { graph, version } = chosen;
  const { data } = await client.query("graphs", "inputs", { id: graph, ...defined({ version }) }, { signal });
  const open = data.inputs.filter(({ pinnedBy }) => pinnedBy === undefined);
  if (open.length === 0) return chosen;
  const names = open.map(({ name }) => name).join(", ");
  if (isNamed) {
    notPinned(cli, graph, names, `version ${version} was asked for, and pinning makes another one`);
    return chosen;
  }
  try {
    const limited = AbortSignal.any([signal, AbortSignal.timeout(patience)]);
    const pins = await resolved(
      Object.fromEntries(open.map(({ name, reference }) => [name, reference])),
      { signal: limited, output },
      resolve,
    );
    // A change that somebody else makes meanwhile is not deployed unseen.
    const options = defined({ signal, expectedVersion: version });
    const pinned = await client.command("graph", graph, "pin", { pins }, options);
    output.note(
      `graph ${graph} version ${pinned.version}: ${names} pinned for the first time, and stays so until \`cim graph pin ${graph}\`; \`cim graph pull ${graph} FILE\` takes that into a file`,
    );
    return { graph, version: pinned.version };
  } catch (error) {
    signal.throwIfAborted();
    const isTimeout = error instanceof DOMException && error.name === "TimeoutError";
    if (!isTimeout && !(error instanceof CliFailure) && !(error instanceof CommandRefused)) throw error;
    notPinned(cli, graph, names, isTimeout ? `nix did not say within ${patience / 1000} s what it is` : error.message);
    return chosen;
  }
};
