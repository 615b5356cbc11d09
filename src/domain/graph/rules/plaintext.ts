import type { GraphIndex } from "../graph-index.ts";
import { definitionOf } from "../node.ts";
import { type Problem, warning } from "../problem.ts";

/**
 * `plaintext-public`: what the outside can reach without encryption: a public load balancer without `tls`, or a public
 * service whose port is not one of those that speak TLS.
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
