import type { GraphIndex } from "../graph-index.ts";
import { definitionOf } from "../node.ts";
import { type Problem, warning } from "../problem.ts";

/**
 * `plaintext-public`: something publicly reachable without encryption. This is a public load balancer without `tls`, or
 * a public service on a port that does not usually use TLS.
 */
export const plaintext = ({ nodes }: GraphIndex): ReadonlyArray<Problem> =>
  [...nodes.values()].flatMap((node) => {
    const remedy = definitionOf(node).encryptionRemedy(node);
    return remedy === undefined
      ? []
      : [
          warning(
            "plaintext-public",
            { nodes: [node.id] },
            `node \`${node.id}\`: it is public and not encrypted: ${remedy}, or remove \`public\``,
          ),
        ];
  });
