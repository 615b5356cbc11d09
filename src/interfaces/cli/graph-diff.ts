import { diff, type GraphChange } from "../../domain/graph/changes.ts";
import { type Edge, edgeIdentity } from "../../domain/graph/edge.ts";
import { exitCode } from "./errors.ts";
import { graphSource } from "./graph-source.ts";
import type { Invocation } from "./invocation.ts";
import { readGraph } from "./load-graph.ts";
import { type Output, printable } from "./output.ts";

type Change<T extends GraphChange["type"]> = Extract<GraphChange, { readonly type: T }>;

const ofType = <T extends GraphChange["type"]>(changes: ReadonlyArray<GraphChange>, type: T) =>
  changes.filter((change): change is Change<T> => change.type === type);

const json = (value: unknown): string => printable(JSON.stringify(value));

const endsText = ({ from, to, type, id: _, ...fields }: Edge): string =>
  `${from} ${type} ${to}${Object.keys(fields).length === 0 ? "" : ` ${json(fields)}`}`;

/** Changes for people: what is new, what is gone, and of what changed each field with its new value. */
export const diffText = (changes: ReadonlyArray<GraphChange>, output: Pick<Output, "style">): string => {
  const line = (sign: "+" | "-" | "~", text: string) =>
    output.style(sign === "+" ? "green" : sign === "-" ? "red" : "yellow", `${sign} ${text}`);
  const connected = ofType(changes, "connect").map(({ edge }) => edge);
  const disconnected = new Set(ofType(changes, "disconnect").map(({ id }) => id));
  const isNew = (edge: Edge) => !disconnected.has(edgeIdentity(edge));
  const stays = new Set(connected.map(edgeIdentity));
  return [
    ...ofType(changes, "remove-node").map(({ id }) => line("-", `node ${id}`)),
    ...ofType(changes, "add-node").map(({ node: { id, type, ...fields } }) =>
      line("+", `node ${id} (${type}) ${json(fields)}`),
    ),
    ...ofType(changes, "update-node").flatMap(({ id, changes: fields }) => [
      line("~", `node ${id}`),
      ...Object.entries(fields).map(([name, value]) =>
        value === null ? `    ${name} removed` : `    ${name}: ${json(value)}`,
      ),
    ]),
    ...[...disconnected].filter((id) => !stays.has(id)).map((id) => line("-", `edge ${printable(id)}`)),
    ...connected.map((edge) => line(isNew(edge) ? "+" : "~", `edge ${endsText(edge)}`)),
  ].join("\n");
};

/** What turns one graph into the other; exit code 0 whether that is something or nothing. */
export const graphDiff =
  (from: string, to: string) =>
  async (cli: Invocation): Promise<number> => {
    const before = await readGraph(cli, await graphSource(from));
    const changes = diff(before, await readGraph(cli, await graphSource(to)));
    if (cli.output.json) cli.output.document({ from, to, changes });
    cli.output.result(changes.length === 0 ? "no difference" : diffText(changes, cli.output));
    return exitCode.done;
  };
