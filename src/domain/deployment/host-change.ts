import { Schema } from "effect";
import { Name } from "../kernel/mod.ts";
import { DataFate } from "./data/fate.ts";

const Names = Schema.Array(Schema.String);

/** One thing that a host's firewall lets in: a node from another host by its address, or everyone. */
const Opening = Schema.Struct({
  from: Schema.optionalKey(Schema.String),
  address: Schema.optionalKey(Schema.String),
  to: Schema.String,
  transport: Schema.Literals(["tcp", "udp"]),
  port: Schema.Int,
}).annotate({ identifier: "Opening" });

/** What a deployment would do to a host; `was` is the closure that it runs now. */
export const HostChange = Schema.Struct({
  host: Name,
  address: Schema.String,
  nodes: Schema.Array(Name),
  /** `new`: no deployment has been there. */
  change: Schema.Literals(["new", "changed", "unchanged"]),
  /** Whether it gets another system than the one that it runs. */
  build: Schema.Boolean,
  /** systemd units. A unit is restarted if any of its parts changes. */
  units: Schema.Struct({ started: Names, stopped: Names, restarted: Names }),
  firewall: Schema.Struct({ opened: Schema.Array(Opening), closed: Schema.Array(Opening) }),
  /**
   * Paths of the other NixOS options that change, and `flake.<path>` for files that were rendered otherwise; none if the
   * host is new.
   */
  settings: Names,
  was: Schema.optionalKey(Schema.String),
  /** What it was booted with in another version than it has: it needs a reboot already. */
  rebootNeeded: Schema.optionalKey(Names),
  /** The other graph that has the host, and the id under which it does if that is another one. */
  owner: Schema.optionalKey(Schema.Struct({ graph: Name, as: Schema.optionalKey(Name) })),
}).annotate({ identifier: "HostChange" });
export type HostChange = typeof HostChange.Type;

/** What a deployment would change. */
export const HostChanges = Schema.Struct({
  /** Host by host, in the order of deploying. */
  waves: Schema.Array(Schema.Array(HostChange)),
  /** Hosts that are no longer in the graph. A deployment leaves them as they are. */
  gone: Schema.Array(Schema.Struct({ host: Schema.String, was: Schema.String })),
  /** The data that are on the hosts now, each node with what becomes of them. */
  data: Schema.Array(DataFate),
});
export type HostChanges = typeof HostChanges.Type;
