import { HashMap, Option, Result, Schema } from "effect";
import { accept, type Rejection, refuse } from "../kernel/mod.ts";
import { saysTheSame } from "./canonical.ts";
import { complaintsOf } from "./complaints.ts";
import { type GraphContent, identified } from "./content.ts";
import type { GraphChange, GraphEvent, KnownToGraphs } from "./contract.ts";
import { type Edge, edgeIdentity } from "./edge.ts";
import { Node } from "./node.ts";
import { filesOfNode } from "./node-files.ts";
import { byText } from "./order.ts";
import { error, type Problem } from "./problem.ts";
import { invalidEnds, missingNodes } from "./rules/structure.ts";
import { checkSecrets, type Pass, type SecretCheck, type Texts } from "./secret-check.ts";

/** What a change needs to be accepted: its pass for text that looks like a secret, and its look-ups. */
export interface Entry extends Pass {
  readonly known?: KnownToGraphs | undefined;
}

type Consequences = Result.Result<ReadonlyArray<GraphEvent>, Rejection>;

const refuseWith = ({ code, message, nodes, edges }: Problem) => refuse(code, message, { nodes, edges });

/**
 * Returns the event that records which fields were allowed although they look like secrets; empty if there are none.
 */
export const allowances = ({ allowed }: SecretCheck): ReadonlyArray<GraphEvent> =>
  allowed.length === 0 ? [] : [{ type: "secret-like-allowed", data: { fields: allowed } }];

/** Returns one `invalid-config` for each file of a host whose text is not stored. */
export const missingTexts = (
  nodes: Iterable<Node>,
  { missing }: Pick<KnownToGraphs, "missing">,
): ReadonlyArray<Problem> =>
  missing.size === 0
    ? []
    : [...nodes].flatMap((node) =>
        Object.entries(filesOfNode(node)).flatMap(([path, digest]) =>
          missing.has(digest)
            ? [
                error(
                  "invalid-config",
                  { nodes: [node.id] },
                  `host \`${node.id}\`: the text of \`${path}\` (${digest}) is not stored: give it in \`texts\`, or import the graph's file with \`cim\``,
                ),
              ]
            : [],
        ),
      );

/** Accepts a change if its texts contain no secret. Otherwise it is refused before an event has the secret. */
const throughDoor = (
  texts: Texts & { readonly nodes?: ReadonlyArray<Node> },
  { known, ...pass }: Entry,
  decide: () => Consequences,
): Consequences => {
  const check = checkSecrets(known === undefined ? texts : { ...texts, files: known.texts }, pass);
  const missing = known === undefined ? [] : missingTexts(texts.nodes ?? [], known);
  const [first] = [...check.problems, ...missing];
  if (first !== undefined) return refuseWith(first);
  return Result.map(decide(), (events) => (events.length === 0 ? events : [...events, ...allowances(check)]));
};

const decodeNode = Schema.decodeUnknownResult(Node, { errors: "all", onExcessProperty: "error" });

const faultsOf = (failure: Schema.SchemaError, updated: unknown): string =>
  complaintsOf(failure, updated, Node.discriminants)
    .map(({ text }) => text)
    .join("; ");

const nodeOf = ({ nodes }: GraphContent, id: string): Node | undefined => Option.getOrUndefined(HashMap.get(nodes, id));

const addNode = (content: GraphContent, node: Node): Consequences =>
  HashMap.has(content.nodes, node.id)
    ? refuse("duplicate-id", `node \`${node.id}\` is already there: choose another id or update it`)
    : accept({ type: "node-added", data: { node } });

const unknownNode = (id: string) => refuse("unknown-node", `there is no node \`${id}\`: add it or correct the id`);

const updateNode = (
  content: GraphContent,
  id: string,
  changes: (GraphChange & { type: "update-node" })["changes"],
  pass: Entry,
): Consequences => {
  const node = nodeOf(content, id);
  if (node === undefined) return unknownNode(id);
  const fixed = (["id", "type"] as const).find((field) => field in changes && changes[field] !== node[field]);
  if (fixed !== undefined)
    return refuse("invalid-change", `node \`${id}\`: \`${fixed}\` cannot be changed: remove the node and add another`);
  const removed = new Set(Object.keys(changes).filter((field) => changes[field] === null));
  const updated = Object.fromEntries(
    [...Object.entries(node), ...Object.entries(changes)].filter(([field]) => !removed.has(field)),
  );
  const result = decodeNode(updated);
  if (Result.isFailure(result))
    return refuse("invalid-change", `node \`${id}\` would be wrong: ${faultsOf(result.failure, updated)}`);
  const after = result.success;
  if (saysTheSame(after, node)) return accept();
  const updates = (): Consequences => accept({ type: "node-updated", data: { node: after } });
  return throughDoor({ nodes: [after] }, { before: () => ({ nodes: [node] }), ...pass }, updates);
};

const removeNode = (content: GraphContent, id: string): Consequences => {
  if (!HashMap.has(content.nodes, id)) return unknownNode(id);
  const edges = [...HashMap.values(content.edges)].filter(({ from, to }) => from === id || to === id);
  return accept<GraphEvent>(
    ...edges
      .map(edgeIdentity)
      .sort()
      .map((edge): GraphEvent => ({ type: "edge-disconnected", data: { id: edge } })),
    { type: "node-removed", data: { id } },
  );
};

const connect = (content: GraphContent, edge: Edge): Consequences => {
  const identity = edgeIdentity(edge);
  const ends = { identity, from: edge.from, to: edge.to, type: edge.type };
  const problem =
    missingNodes(ends, (id) => HashMap.has(content.nodes, id)) ?? invalidEnds(ends, (id) => nodeOf(content, id)?.type);
  if (problem !== undefined) return refuseWith(problem);
  return HashMap.has(content.edges, identity)
    ? refuse("duplicate-id", `edge \`${identity}\` is already there: give this one an id of its own`)
    : accept({ type: "edge-connected", data: { edge: identified(edge) } });
};

const disconnect = (content: GraphContent, id: string): Consequences =>
  HashMap.has(content.edges, id)
    ? accept({ type: "edge-disconnected", data: { id } })
    : refuse("unknown-edge", `there is no edge \`${id}\`: correct the id`);

/** Removes the only edge of a type between two nodes. */
export const disconnectEnds = (
  content: GraphContent,
  { from, type, to }: Pick<Edge, "from" | "type" | "to">,
): Consequences => {
  const [first, ...others] = [...HashMap.values(content.edges)]
    .filter((edge) => edge.from === from && edge.type === type && edge.to === to)
    .sort(byText(edgeIdentity));
  if (first === undefined)
    return refuse("unknown-edge", `there is no \`${type}\` edge from \`${from}\` to \`${to}\`: correct the ends`);
  if (others.length === 0) return disconnect(content, edgeIdentity(first));
  return refuse("ambiguous-edge", `several \`${type}\` edges lead from \`${from}\` to \`${to}\`: name one by its id`, {
    edges: [first, ...others].map(edgeIdentity),
  });
};

/**
 * Returns the events of one change. `pass` accepts texts that look like secrets. Refuses with `duplicate-id`,
 * `unknown-node`, `unknown-edge`, `invalid-change`, `missing-node`, `invalid-edge`, or with `invalid-config` for text
 * that looks like a secret.
 */
export const consequences = (content: GraphContent, change: GraphChange, pass: Entry = {}): Consequences => {
  switch (change.type) {
    case "add-node":
      return throughDoor({ nodes: [change.node] }, pass, () => addNode(content, change.node));
    case "update-node":
      return updateNode(content, change.id, change.changes, pass);
    case "remove-node":
      return removeNode(content, change.id);
    case "connect":
      return throughDoor({ edges: [change.edge] }, pass, () => connect(content, change.edge));
    case "disconnect":
      return disconnect(content, change.id);
  }
};
