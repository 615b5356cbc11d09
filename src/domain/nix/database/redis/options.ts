import { loopback } from "../../host/network.ts";
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
import { commandLine, specifiersEscaped } from "../../unit/command-line.ts";
import { programPath } from "../../unit/programs.ts";
import { redisUnit, runtimeFolder, serverName, socketOf, tlsSettings } from "../../unit/redis-server.ts";
import { unitBindings } from "../../unit/systemd.ts";
import { taskOptions } from "../../unit/task.ts";
import { backupOptions } from "../backup.ts";
import { type DataFolder, dataFolderOptions } from "../data-folder.ts";
import { versionChecked } from "../version.ts";
import type { RedisSpecification } from "./specification.ts";

/** The options of a host with a Redis server. */
export const redisOptions = (specification: RedisSpecification): ReadonlyArray<Binding> => {
  const { id, unit, tls, folder, backups, password } = specification;
  const service = `${redisUnit(id)}.service`;
  return [
    binding(["services", "redis", "servers", serverName(id)], attributes(serverOptions(specification))),
    // The program adds the password to the file that NixOS has written. `+` runs it as root, because only root may read
    // the password.
    ...unitBindings(redisUnit(id), unit, {
      preparations: [
        commandLine(programPath("redisSecret", "+"), [
          password,
          runConfiguration(id),
          currentPassword(id),
          hadPassword(id),
        ]),
      ],
      preparedLast: true,
    }),
    ...(folder === undefined ? [] : folderOptions(id, folder)),
    ...certificateOptions(tls, { server: redisUnit(id), user: redisUnit(id), unit: service }),
    ...passwordOptions(specification),
    ...backupOptions({
      node: id,
      plan: backups,
      user: "root",
      after: [service],
      path: [],
      copies: [
        { name: id, suffix: "rdb", command: [programPath("redisOperator"), password, socketOf(id), "--rdb", "-"] },
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
    // If other hosts connect, the server listens on all interfaces and the firewall admits only those hosts. In
    // protected mode Redis would refuse them without a password.
    ...(reachable
      ? [binding("bind", nil), binding("settings.protected-mode", string("no"))]
      : [binding("bind", string(loopback))]),
    ...(tls === undefined ? [] : tlsSettings(id, port)),
    // Redis needs the other quarter for more than the data. If it exceeded the limit of its unit, systemd would kill
    // it.
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

const passwordName = (id: string): string => `cim-${redisUnit(id)}-password`;

export const passwordUnit = (id: string): string => `${passwordName(id)}.service`;

/** The files with the server's current password and with the fact that it has had one. Only root may read them. */
const currentPassword = (id: string): string => `/run/cim-${redisUnit(id)}/password`;
const hadPassword = (id: string): string => `/var/lib/cim-${redisUnit(id)}/has-password`;

/** Returns the file that NixOS writes before the server starts. The server also reads what is added to it. */
const runConfiguration = (id: string): string => `${runtimeFolder(id)}/nixos.conf`;

/**
 * Returns the units that set the password of a server. If the operator has put a password on the host, the server has
 * it from its start: the program adds it to the file that NixOS has just written. When the password changes, a path
 * unit starts a unit that sets it on the running server. The options of NixOS are not enough: without the file the
 * server would not start, and the upstream's password would be written into the store.
 */
const passwordOptions = ({ id, password }: RedisSpecification): ReadonlyArray<Binding> => {
  const server = `${redisUnit(id)}.service`;
  const [current, mark] = [currentPassword(id), hadPassword(id)];
  return [
    taskOptions({
      name: passwordName(id),
      description: `Sets a new password of ${id}`,
      settings: [
        binding("after", strings([server])),
        binding("unitConfig.ConditionPathExists", string(specifiersEscaped(password))),
      ],
      command: commandLine(programPath("redisPassword"), [password, socketOf(id), current, mark]),
    }),
    binding(
      ["systemd", "paths", passwordName(id)],
      attributes([
        binding("wantedBy", strings(["multi-user.target"])),
        binding("pathConfig.PathChanged", string(specifiersEscaped(password))),
      ]),
    ),
  ];
};
