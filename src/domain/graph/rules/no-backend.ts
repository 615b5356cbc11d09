import type { GraphIndex } from "../graph-index.ts";
import { error, type Problem } from "../problem.ts";

/** `no-backend`: a load balancer that no `load-balances` edge leads from to a service. */
export const noBackend = ({ types, edges }: GraphIndex): ReadonlyArray<Problem> => {
  const served = new Set(
    edges.filter(({ type, to }) => type === "load-balances" && types.get(to) === "service").map(({ from }) => from),
  );
  return [...types]
    .filter(([id, type]) => type === "load-balancer" && !served.has(id))
    .map(([id]) =>
      error(
        "no-backend",
        { nodes: [id] },
        `load balancer \`${id}\`: it has no service to pass requests to: add a \`load-balances\` edge`,
      ),
    );
};
