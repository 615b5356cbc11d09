import { Schema } from "effect";
import { Name } from "../kernel/mod.ts";
import { DataFate } from "./data/fate.ts";

const Names = Schema.Array(Schema.String);

/** One firewall rule of a host: a node on another host by its address, or everyone, may connect. */
const Opening = Schema.Struct({
  from: Schema.optionalKey(Schema.String),
  address: Schema.optionalKey(Schema.String),
  to: Schema.String,
  transport: Schema.Literals(["tcp", "udp"]),
  port: Schema.Int,
}).annotate({ identifier: "Opening" });

/** The effect of a deployment on a host. `was` is the closure that runs now. */
export const HostChange = Schema.Struct({
  host: Name,
  address: Schema.String,
  nodes: Schema.Array(Name),
  /** `new`: no deployment has reached it yet. */
  change: Schema.Literals(["new", "changed", "unchanged"]),
  /** Whether it gets another system than the running one. */
  build: Schema.Boolean,
  /** systemd units. A unit is restarted if any of its parts changes. */
  units: Schema.Struct({ started: Names, stopped: Names, restarted: Names }),
  firewall: Schema.Struct({ opened: Schema.Array(Opening), closed: Schema.Array(Opening) }),
  /** Paths of other changed NixOS options, and `flake.<path>` for changed files; empty for a new host. */
  settings: Names,
  was: Schema.optionalKey(Schema.String),
  /** The parts that it was booted with in another version. It needs a reboot already. */
  rebootNeeded: Schema.optionalKey(Names),
  /** The other graph that has the host, and the host's id there if it differs. */
  owner: Schema.optionalKey(Schema.Struct({ graph: Name, as: Schema.optionalKey(Name) })),
}).annotate({ identifier: "HostChange" });
export type HostChange = typeof HostChange.Type;

/** What a deployment would change. */
export const HostChanges = Schema.Struct({
  /** The hosts, in the order of the deployment. */
  waves: Schema.Array(Schema.Array(HostChange)),
  /** Hosts that are no longer in the graph. A deployment does not touch them. */
  gone: Schema.Array(Schema.Struct({ host: Schema.String, was: Schema.String })),
  /** The data on the hosts now, with the fate of each node's data. */
  data: Schema.Array(DataFate),
});
export type HostChanges = typeof HostChanges.Type;
