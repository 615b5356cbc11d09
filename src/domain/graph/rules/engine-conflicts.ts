import type { GraphIndex } from "../graph-index.ts";
import type { Node } from "../node.ts";
import { error, type Problem } from "../problem.ts";

/** Engines of which NixOS runs one a host. Of redis it runs any number, and sqlite is a library. */
const onceAHost: ReadonlySet<string> = new Set(["postgresql", "mysql", "mongodb", "nats", "kafka", "rabbitmq"]);

const engineOf = (node: Node): string | undefined =>
  (node.type === "database" || node.type === "message-bus") && onceAHost.has(node.engine) ? node.engine : undefined;

/** `engine-conflict`: two nodes on one host whose engine a host can run once. The first by id keeps it. */
export const engineConflicts = (index: GraphIndex): ReadonlyArray<Problem> =>
  [...index.residents].flatMap(([host, nodes]) => {
    const running = new Map<string, string>();
    return nodes.flatMap((node) => {
      const engine = engineOf(node);
      if (engine === undefined) return [];
      const holder = running.get(engine);
      if (holder === undefined) {
        running.set(engine, node.id);
        return [];
      }
      return [
        error(
          "engine-conflict",
          { nodes: [node.id, holder].sort() },
          `node \`${node.id}\`: host \`${host}\` can run ${engine} once and runs it for \`${holder}\`: choose another host`,
        ),
      ];
    });
  });
