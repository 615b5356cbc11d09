import type { Node } from "../graph/node.ts";
import type { NodeKind } from "./node-kind.ts";

/** Nodes of one type, of which each engine is a kind of its own; `S` says what the nodes of each become. */
export const byEngine = <
  N extends Node & { readonly engine: string },
  S extends Readonly<Record<N["engine"], { readonly engine: N["engine"] }>>,
>(
  engines: { readonly [E in N["engine"]]: NodeKind<N, S[E]> },
): NodeKind<N, S[N["engine"]]> => {
  const kindOf = <E extends N["engine"]>({ engine }: { readonly engine: E }): NodeKind<N, S[E]> => engines[engine];
  return {
    unit: (node) => kindOf(node).unit(node),
    units: (node, place) => kindOf(node).units(node, place),
    specify: (node, site) => kindOf(node).specify(node, site),
    ownPaths: (node, place) => kindOf(node).ownPaths?.(node, place) ?? [],
    secrets: (specification) => kindOf<N["engine"]>(specification).secrets?.(specification) ?? [],
    options: (specification) => kindOf<N["engine"]>(specification).options(specification),
    sharedOptions: (specifications) =>
      [...Map.groupBy(specifications, ({ engine }) => engine).values()].flatMap((alike) => {
        const [first] = alike;
        return first === undefined ? [] : (kindOf<N["engine"]>(first).sharedOptions?.(alike) ?? []);
      }),
  };
};
