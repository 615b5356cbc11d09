import { Schema } from "effect";
import { type EvolveContext, Instant, Principal } from "../kernel/mod.ts";
import type { GraphEvent } from "./contract.ts";
import type { Edge } from "./edge.ts";
import type { Node } from "./node.ts";
import { filesOfNode } from "./node-files.ts";
import { byText } from "./order.ts";
import { fileField, secretLikeFields, type Texts } from "./secret-check.ts";
import { NonEmptyText } from "./values.ts";

/** A field of a graph that looks like a secret and was declared harmless: by whom, and when. */
export const Allowance = Schema.Struct({ field: NonEmptyText, allowedBy: Principal, allowedAt: Instant });
export type Allowance = typeof Allowance.Type;
type Allowances = ReadonlyArray<Allowance>;

/**
 * Returns the allowances without those of an element whose text no longer looks like a secret, unless they are among
 * `also`.
 */
const kept = (
  allowances: Allowances,
  prefix: string,
  texts: () => Texts,
  also: () => ReadonlyArray<string> = () => [],
): Allowances => {
  if (!allowances.some(({ field }) => field.startsWith(prefix))) return allowances;
  const fields = new Set([...secretLikeFields(texts()), ...also()]);
  return allowances.filter(({ field }) => !field.startsWith(prefix) || fields.has(field));
};

/**
 * Returns the files that an update of a node leaves unchanged. Their texts are not in the graph and need not be read
 * again.
 */
const sameFiles = (before: Node | undefined, after: Node): ReadonlyArray<string> => {
  const old = before === undefined ? {} : filesOfNode(before);
  return Object.entries(filesOfNode(after)).flatMap(([path, digest]) =>
    old[path] === digest ? [fileField(after.id, path)] : [],
  );
};

/** The nodes and edges of a graph before an event. */
export interface ContentBefore {
  readonly nodes: { readonly get: (id: string) => Node | undefined };
  readonly edges: {
    readonly get: (identity: string) => Edge | undefined;
    readonly all: () => Iterable<Edge>;
  };
}

/** Returns the allowances after an event, by field. `content` is that of the graph before it. */
export const allowancesAfter = (
  allowances: Allowances,
  event: GraphEvent,
  { nodes, edges }: ContentBefore,
  { actor, time }: Pick<EvolveContext, "actor" | "time">,
): Allowances => {
  if (event.type === "secret-like-allowed") {
    const allowed = new Set(event.data.fields);
    const added = [...allowed].map((field): Allowance => ({ field, allowedBy: actor, allowedAt: time }));
    return [...allowances.filter(({ field }) => !allowed.has(field)), ...added].sort(byText(({ field }) => field));
  }
  if (allowances.length === 0) return allowances;
  switch (event.type) {
    case "graph-described":
      return kept(allowances, "description", () => event.data);
    case "node-updated": {
      const { node } = event.data;
      return kept(
        allowances,
        `${node.id}.`,
        () => ({ nodes: [node] }),
        () => sameFiles(nodes.get(node.id), node),
      );
    }
    case "node-removed":
      return kept(allowances, `${event.data.id}.`, () => ({}));
    case "edge-disconnected": {
      const gone = edges.get(event.data.id);
      if (gone === undefined) return allowances;
      const others = () => [...edges.all()].filter((edge) => edge !== gone);
      return kept(allowances, `${gone.from}/${gone.type}/${gone.to}.`, () => ({ edges: others() }));
    }
    default:
      return allowances;
  }
};
