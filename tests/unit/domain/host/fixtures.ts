import { Schema } from "effect";
import { hostCommands, type KnownToHosts } from "../../../../src/domain/host/contract.ts";
import { host } from "../../../../src/domain/host/decider.ts";
import { defined, type EventOf } from "../../../../src/domain/kernel/mod.ts";
import { specification } from "../../../support/specification.ts";

export type Event = EventOf<typeof host.events>;

export const known: KnownToHosts = {
  manages: [
    { from: "ops", to: "web", permissions: ["restart", "stop", "start"] },
    { from: "ops", to: "leaf-1", permissions: ["scale"] },
    { from: "onlooker", to: "web", permissions: ["monitor"] },
  ],
  hosts: ["leaf-1", "leaf-2"],
  proposers: ["ann"],
};

export const { given, stateAfter } = specification(host, { aggregateId: "leaf-1", principal: "monitor", known });

export const report = (payload: unknown) =>
  ({ type: "report-state", payload: Schema.decodeUnknownSync(hostCommands["report-state"].schema)(payload) }) as const;

export const placement = {
  graph: "shop",
  graphVersion: 7,
  nodes: [
    { node: "db", units: ["postgresql.service"] },
    { node: "web", units: ["web.service"] },
  ],
  checks: [],
};
export const deployed: Event = {
  type: "host-deployed",
  data: { deployment: "d1", closure: "/nix/store/new", previous: "/nix/store/old", placement },
};
export const seen = { boot: "/nix/store/new", generation: 3, failedUnits: [] };
/** What a watch sees of a host that is as it should be. */
export const well = {
  closure: "/nix/store/new",
  health: "healthy",
  failing: [],
  drift: false,
  expected: "/nix/store/new",
  observed: seen,
};
export const drifted = (drift: number, kind: "closure" | "boot" | "unit" | "unreachable", unit?: string): Event => ({
  type: "host-drift-detected",
  data: { drift, kind, ...defined({ unit }), expected: "x", observed: "y", detail: "z" },
});
