import { type Admission, admissionsOf } from "../host/policy.ts";
import type { HostSpecification } from "../host/specification.ts";

/** What is said of a host outside its own module: how it is reached, what runs there, what comes in, what it needs. */
export interface HostSummary extends Pick<HostSpecification, "id" | "system" | "address" | "ssh" | "secrets"> {
  /** The nodes that run there, by id. */
  readonly nodes: ReadonlyArray<string>;
  /** What its firewall lets in. */
  readonly admissions: ReadonlyArray<Admission>;
}

export const summaryOf = (host: HostSpecification): HostSummary => {
  const { id, system, address, ssh, secrets, nodes } = host;
  return { id, system, address, ssh, secrets, nodes: nodes.map((node) => node.id), admissions: admissionsOf(host) };
};
