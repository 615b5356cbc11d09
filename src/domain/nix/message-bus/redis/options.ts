import { loopback } from "../../host/network.ts";
import {
  attributes,
  type Binding,
  binding,
  boolean,
  integer,
  list,
  nil,
  string,
  strings,
} from "../../language/expression.ts";
import { monitorPasswordOptions } from "../../monitoring/monitor-password.ts";
import { certificateOptions } from "../../unit/certificate.ts";
import { commandLine } from "../../unit/command-line.ts";
import { programPath } from "../../unit/programs.ts";
import { redisUnit, runtimeFolder, serverName, socketOf, tlsSettings } from "../../unit/redis-server.ts";
import { credentialBindings, type UnitAdditions, unitBindings } from "../../unit/systemd.ts";
import { taskOptions } from "../../unit/task.ts";
import { monitorUser, type RedisBusSpecification, replicaUser, trimUser } from "./specification.ts";

/** The unit that drops old messages. */
export const trimUnit = (id: string): string => `cim-${redisUnit(id)}-trim`;

/** The options of a host with a Redis server as a bus. */
export const redisOptions = (specification: RedisBusSpecification): ReadonlyArray<Binding> => {
  const { id, unit, tls, retention, users } = specification;
  const service = `${redisUnit(id)}.service`;
  return [
    binding(["services", "redis", "servers", serverName(id)], attributes(serverOptions(specification))),
    ...unitBindings(redisUnit(id), unit, additionsOf(specification)),
    ...certificateOptions(tls, { server: redisUnit(id), user: redisUnit(id), unit: service }),
    ...(users.some(({ name }) => name === monitorUser)
      ? [monitorPasswordOptions({ server: redisUnit(id), before: [service] })]
      : []),
    ...(retention.length === 0 ? [] : trimBindings(specification)),
  ];
};

/** Returns the port without TLS. If all clients use TLS and there is no other server, it is 0, which means no port. */
const plainPort = ({ port, serverPort, tls }: RedisBusSpecification): number =>
  tls === undefined ? port : (serverPort ?? 0);

const serverOptions = (specification: RedisBusSpecification): ReadonlyArray<Binding> => {
  const { id, port, serverPort = port, tls, persistent, leader, reachable } = specification;
  return [
    binding("enable", boolean(true)),
    binding("port", integer(plainPort(specification))),
    // If other hosts connect, the server listens on all interfaces, and the firewall admits only those hosts.
    binding("bind", reachable ? nil : string(loopback)),
    binding("appendOnly", boolean(persistent)),
    ...(persistent ? [] : [binding("save", list([]))]),
    ...(leader === undefined
      ? []
      : [binding("slaveOf", attributes([binding("ip", string(leader)), binding("port", integer(serverPort))]))]),
    ...(tls === undefined ? [] : tlsSettings(id, port)),
    ...settingsOf(specification).map(([setting, value]) => binding(["settings", setting], string(value))),
  ];
};

const settingsOf = (specification: RedisBusSpecification): ReadonlyArray<readonly [string, string]> => {
  const { id, users, leader, followers, maxMemoryBytes, reachable } = specification;
  return [
    // There are no passwords, and in protected mode Redis would refuse clients on other hosts.
    ...(reachable && users.length === 0 ? [["protected-mode", "no"] as const] : []),
    ...(users.length === 0 ? [] : [["aclfile", `${runtimeFolder(id)}/users.acl`] as const]),
    ...(users.length > 0 && leader !== undefined ? [["include", `${runtimeFolder(id)}/leader.conf`] as const] : []),
    ...(followers === 0 ? [] : [["min-replicas-to-write", String(followers)] as const]),
    ...(maxMemoryBytes === undefined
      ? []
      : [["maxmemory", String(maxMemoryBytes)] as const, ["maxmemory-policy", "noeviction"] as const]),
  ];
};

const additionsOf = ({ id, users, leader }: RedisBusSpecification): UnitAdditions =>
  users.length === 0
    ? {}
    : {
        preparations: [
          commandLine(programPath("redisUsers"), [
            runtimeFolder(id),
            ...users.flatMap((user) => [user.name, user.rules]),
          ]),
          ...(leader === undefined ? [] : [commandLine(programPath("redisLeader"), [runtimeFolder(id), replicaUser])]),
        ],
        serviceConfig: credentialBindings(
          Object.fromEntries(
            users.flatMap(({ name, password }) => (password === undefined ? [] : [[`${name}.password`, password]])),
          ),
        ),
      };

/**
 * Returns the unit and the timer that drop old messages. Redis limits streams only by their length, so the timer
 * enforces the age.
 */
const trimBindings = ({ id, users, retention }: RedisBusSpecification): ReadonlyArray<Binding> => {
  const unit = trimUnit(id);
  const server = [`${redisUnit(id)}.service`];
  return [
    taskOptions({
      name: unit,
      description: `Drops old messages of ${id}`,
      settings: [
        binding("after", strings(server)),
        ...(users.length === 0 ? [] : [binding("environment.REDIS_USER", string(trimUser))]),
      ],
      user: redisUnit(id),
      serviceConfig: credentialBindings(
        users.length === 0 ? {} : { password: `${runtimeFolder(id)}/${trimUser}.password` },
      ),
      command: commandLine(programPath("redisTrim"), [
        socketOf(id),
        ...retention.flatMap(({ topic, seconds }) => [topic, String(seconds)]),
      ]),
    }),
    binding(
      ["systemd", "timers", unit],
      attributes([
        binding("wantedBy", strings(server)),
        binding("partOf", strings(server)),
        binding(
          "timerConfig",
          attributes([binding("OnActiveSec", string("1min")), binding("OnUnitInactiveSec", string("5min"))]),
        ),
      ]),
    ),
  ];
};
