import type { GraphIndex } from "../graph-index.ts";
import type { Node } from "../node.ts";
import { type Problem, warning } from "../problem.ts";

/** Ports on which one speaks TLS from the first byte: https, smtps, ldaps, dns, imaps, pop3s, amqps, mqtts. */
const tlsPorts: ReadonlySet<number> = new Set([443, 465, 636, 853, 993, 995, 5671, 8443, 8883]);

const remedyOf = (node: Node): string | undefined => {
  if (node.type === "load-balancer" && node.public === true && node.tls === undefined) return "add `tls`";
  if (node.type === "service" && node.public === true && node.port !== undefined && !tlsPorts.has(node.port))
    return "serve TLS on port 443 or 8443, or put a load balancer with `tls` before it";
  return undefined;
};

/**
 * `plaintext-public`: what the outside can reach without encryption: a public load balancer without `tls`, or a public
 * service whose port is not one of those that speak TLS.
 */
export const plaintext = ({ nodes }: GraphIndex): ReadonlyArray<Problem> =>
  [...nodes.values()].flatMap((node) => {
    const remedy = remedyOf(node);
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
