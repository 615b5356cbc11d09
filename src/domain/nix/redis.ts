import type { DatabaseNode } from "../graph/node.ts";
import { portOf } from "../graph/ports.ts";
import { attributes, type Binding, binding, boolean, integer, list, nil, string } from "./expression.ts";
import type { NodeKind } from "./node-kind.ts";
import { type UnitRequirements, unitBindings } from "./systemd.ts";
import { versionChecked } from "./version.ts";

/** A Redis server of a host. */
export interface RedisSpecification {
  readonly type: "database";
  readonly engine: "redis";
  readonly id: string;
  readonly unit: UnitRequirements;
  readonly version?: string;
  readonly port: number;
  /** Every change is written to disk; otherwise nothing is. */
  readonly persistent: boolean;
  /** It has clients on other hosts. Without any it listens on the loopback only. */
  readonly reachable: boolean;
}

const unitName = (id: string): string => `redis-${id}`;

export const redis: NodeKind<DatabaseNode, RedisSpecification> = {
  unit: ({ id }) => `${unitName(id)}.service`,
  units: ({ id }) => [`${unitName(id)}.service`],
  specify: (node, { unit, clients }) => ({
    type: "database",
    engine: "redis",
    id: node.id,
    unit,
    port: portOf(node) ?? 6379,
    persistent: node.persistent ?? true,
    reachable: clients.length > 0,
    ...(node.version === undefined ? {} : { version: node.version }),
  }),
  options: (specification) => [
    binding(["services", "redis", "servers", specification.id], attributes(serverOptions(specification))),
    ...unitBindings(unitName(specification.id), specification.unit),
  ],
};

const serverOptions = ({ id, version, port, persistent, reachable }: RedisSpecification): ReadonlyArray<Binding> => [
  binding("enable", version === undefined ? boolean(true) : versionChecked(id, version, "redis", boolean(true))),
  binding("port", integer(port)),
  // All interfaces where other hosts connect: the firewall lets only them in. Redis itself would refuse them without
  // a password (protected mode).
  ...(reachable
    ? [binding("bind", nil), binding("settings.protected-mode", string("no"))]
    : [binding("bind", string("127.0.0.1"))]),
  binding("appendOnly", boolean(persistent)),
  ...(persistent ? [] : [binding("save", list([]))]),
];
