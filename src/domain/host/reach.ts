import { Schema } from "effect";
import { HostNode } from "../graph/node.ts";

/** The technology behind a host: a machine that nix and ssh reach, or a document in the store. */
export const Target = Schema.Literals(["simulated", "nixos"]);
export type Target = typeof Target.Type;

/** How a host is reached, and what runs on it. */
export const reach = {
  address: Schema.NonEmptyString,
  system: Schema.NonEmptyString,
  /** Absent in what was recorded before targets were. */
  target: Schema.optionalKey(Target),
  ssh: HostNode.fields.ssh,
};
