import { loopback } from "../../host/addresses.ts";
import {
  attributes,
  type Binding,
  binding,
  boolean,
  force,
  integer,
  list,
  nil,
  string,
  strings,
} from "../../language/expression.ts";
import { certificateOptions } from "../../unit/certificate.ts";
import { programPath } from "../../unit/programs.ts";
import { redisUnit, serverName, socketOf, tlsSettings } from "../../unit/redis-server.ts";
import { unitBindings } from "../../unit/systemd.ts";
import { backupOptions } from "../backup.ts";
import { type DataFolder, dataFolderOptions } from "../data-folder.ts";
import { versionChecked } from "../version.ts";
import type { RedisSpecification } from "./mod.ts";
import { passwordOptions } from "./password.ts";

/** The options of a host with a Redis server. */
export const redisOptions = (specification: RedisSpecification): ReadonlyArray<Binding> => {
  const { id, unit, tls, folder } = specification;
  const service = `${redisUnit(id)}.service`;
  return [
    binding(["services", "redis", "servers", serverName(id)], attributes(serverOptions(specification))),
    ...unitBindings(redisUnit(id), unit),
    ...(folder === undefined ? [] : folderOptions(id, folder)),
    ...certificateOptions(tls, { server: redisUnit(id), user: redisUnit(id), unit: service }),
    ...passwordOptions(specification),
    ...backupOptions({
      ...{ node: id, calendars: specification.backups, user: "root", after: [service], path: [] },
      copies: [
        {
          ...{ name: id, suffix: "rdb" },
          command: [programPath("redisOperator"), specification.password, socketOf(id), "--rdb", "-"],
        },
      ],
    }),
  ];
};

const dataDirectory = ({ path }: DataFolder): string => `${path}/data`;

const folderOptions = (id: string, folder: DataFolder): ReadonlyArray<Binding> => [
  ...dataFolderOptions({ node: id, user: redisUnit(id), units: [`${redisUnit(id)}.service`] }, folder, [
    dataDirectory(folder),
  ]),
  binding(["systemd", "services", redisUnit(id), "serviceConfig", "ReadWritePaths"], strings([dataDirectory(folder)])),
];

const serverOptions = (specification: RedisSpecification): ReadonlyArray<Binding> => {
  const { id, version, port, persistent, reachable, tls, standbyPort, upstream, folder, unit } = specification;
  const { memoryMb } = unit.limits;
  return [
    binding("enable", version === undefined ? boolean(true) : versionChecked(id, version, "redis", boolean(true))),
    binding("port", integer(tls === undefined ? port : (standbyPort ?? 0))),
    // All interfaces where other hosts connect: the firewall lets only them in. Redis itself would refuse them without
    // a password (protected mode).
    ...(reachable
      ? [binding("bind", nil), binding("settings.protected-mode", string("no"))]
      : [binding("bind", string(loopback))]),
    ...(tls === undefined ? [] : tlsSettings(id, port)),
    // The rest is for what Redis needs beside the data. Beyond the limit of its unit it would be killed.
    ...(memoryMb === undefined
      ? []
      : [binding("settings.maxmemory", string(`${Math.max(1, Math.floor(memoryMb * 0.75))}mb`))]),
    binding("appendOnly", boolean(persistent)),
    ...(persistent ? [] : [binding("save", list([]))]),
    ...(upstream === undefined
      ? []
      : [binding("slaveOf.ip", string(upstream.address)), binding("slaveOf.port", integer(upstream.port))]),
    ...(folder === undefined ? [] : [binding("settings.dir", force(string(dataDirectory(folder))))]),
  ];
};
