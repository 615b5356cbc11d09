import {
  type Binding,
  binding,
  force,
  interpolation,
  list,
  reference,
  string,
  strings,
} from "../../language/expression.ts";
import { commandLine } from "../../unit/command-line.ts";
import { programPath } from "../../unit/programs.ts";
import { credentialBindings } from "../../unit/systemd.ts";
import { beforeUnits, taskOptions } from "../../unit/task.ts";
import { replicationRole } from "../access.ts";
import type { Upstream } from "../replication.ts";
import type { PostgresqlSpecification } from "./mod.ts";

const unitName = "cim-postgresql-standby";

export const standbyUnit = `${unitName}.service`;

/** How the standby reaches what it copies. Ids and addresses have no characters that would need quotes. */
export const connectionInfo = ({ address, port }: Upstream): string =>
  `host=${address} port=${port} user=${replicationRole} passfile=/run/${unitName}/pgpass`;

/**
 * The unit that keeps the password where the server finds it, and copies the primary where there are no data yet. NixOS
 * would make an empty database of its own there, and its setup waits for the end of a recovery, which never ends on a
 * standby.
 */
export const standbyOptions = (
  { id, folder, replicationPassword }: PostgresqlSpecification,
  upstream: Upstream,
): ReadonlyArray<Binding> => [
  taskOptions({
    name: unitName,
    description: `Makes ${id} a standby of ${upstream.node}`,
    settings: [
      ...beforeUnits(["postgresql.service"]),
      binding("after", strings(["network-online.target"])),
      binding("wants", strings(["network-online.target"])),
      binding("path", list([reference("config", "services", "postgresql", "package")])),
    ],
    remains: true,
    user: "postgres",
    serviceConfig: [
      binding("TimeoutStartSec", string("infinity")),
      ...(folder === undefined ? [binding("StateDirectory", string("postgresql"))] : []),
      binding("RuntimeDirectory", string(unitName)),
      binding("RuntimeDirectoryMode", string("0700")),
      ...credentialBindings({ replication: replicationPassword }),
    ],
    command: commandLine(programPath("postgresqlStandby"), [
      ...[upstream.node, upstream.address, String(upstream.port), replicationRole],
      interpolation(reference("config", "services", "postgresql", "dataDir")),
    ]),
  }),
  binding("systemd.services.postgresql-setup.script", force(string("until pg_isready --quiet; do sleep 0.1; done\n"))),
];
