import type { LoadBalancerNode } from "../../graph/node.ts";
import type { NodeKind } from "../node-kind.ts";
import { unitName } from "../unit/names.ts";
import { haproxyOptions } from "./options.ts";
import { keyName, type LoadBalancerSpecification, specifyLoadBalancer } from "./specification.ts";

/** The node kind of load balancers. Each one is its own program, so that none fails or restarts with another. */
export const loadBalancer: NodeKind<LoadBalancerNode, LoadBalancerSpecification> = {
  unit: ({ id }) => `${unitName(id)}.service`,
  units: ({ id }) => [`${unitName(id)}.service`],
  specify: specifyLoadBalancer,
  publicPorts: ({ public: open, port }) => (open === true ? [port] : []),
  secrets: ({ id, credentials }) =>
    Object.entries(credentials).map(([name, path]) => ({
      path,
      node: id,
      content:
        name === keyName
          ? "the private key of the load balancer's TLS certificate (PEM)"
          : "the load balancer's TLS certificate, followed by its chain (PEM)",
    })),
  options: haproxyOptions,
};
