import type { Result } from "effect";
import type { HostNode, Node } from "../graph/node.ts";
import type { Binding } from "./expression.ts";
import type { Path } from "./network.ts";
import type { UnitRequirements } from "./systemd.ts";
import type { Topology } from "./topology.ts";

/** Where a node is being placed, and what its edges mean there. */
export interface Site {
  readonly host: HostNode;
  readonly unit: UnitRequirements;
  /** Its clients on other hosts. */
  readonly clients: ReadonlyArray<Path>;
  readonly topology: Topology;
}

/** How nodes of one type become part of the hosts they run on. */
export interface NodeKind<N extends Node, S> {
  /** The unit that others are ordered after. */
  readonly unit: (node: N) => string;
  /** The units that exist on a host because the node runs there. */
  readonly units: (node: N) => ReadonlyArray<string>;
  /** What the host must be, or every reason why it cannot. */
  readonly specify: (node: N, site: Site) => Result.Result<S, ReadonlyArray<string>>;
  /** Ways into the host that the node needs besides those of `connects-to` edges. */
  readonly ownPaths?: (node: N, site: Pick<Site, "host" | "topology">) => ReadonlyArray<Path>;
  /** The options of the host's NixOS configuration. `lib` and `pkgs` are in scope. */
  readonly options: (specification: S) => ReadonlyArray<Binding>;
}
