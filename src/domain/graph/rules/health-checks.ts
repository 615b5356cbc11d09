import type { GraphIndex } from "../graph-index.ts";
import type { ServiceNode } from "../node.ts";
import { type Problem, warning } from "../problem.ts";

const faultOf = ({ healthCheck, port }: ServiceNode): string | undefined => {
  if (healthCheck === undefined) return "it has no health check: add `healthCheck`";
  if (healthCheck.kind === "exec")
    return healthCheck.command === undefined ? "its health check has nothing to execute: add `command`" : undefined;
  return port === undefined ? `its ${healthCheck.kind} health check has no port to ask: add \`port\`` : undefined;
};

/** `no-health-check`: a service whose health nobody can see, since it has no health check that can be run. */
export const healthChecks = ({ nodes }: GraphIndex): ReadonlyArray<Problem> =>
  [...nodes.values()].flatMap((node) => {
    const fault = node.type === "service" ? faultOf(node) : undefined;
    return fault === undefined
      ? []
      : [warning("no-health-check", { nodes: [node.id] }, `service \`${node.id}\`: ${fault}`)];
  });
