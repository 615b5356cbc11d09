import {
  type Binding,
  binding,
  boolean,
  integer,
  list,
  reference,
  string,
  strings,
} from "../../language/expression.ts";
import { commandLine } from "../../unit/command-line.ts";
import { programPath } from "../../unit/programs.ts";
import { credentialBindings } from "../../unit/systemd.ts";
import { taskOptions } from "../../unit/task.ts";
import { replicationRole } from "../access.ts";
import type { Upstream } from "../replication.ts";
import type { MysqlSpecification } from "./mod.ts";

/** Transactions have numbers of their own, so that a standby finds its place in any log that has them. */
export const replicationSettings = ({ serverId, isCopied, upstream }: MysqlSpecification): ReadonlyArray<Binding> =>
  upstream === undefined && !isCopied
    ? []
    : [
        binding("server-id", integer(serverId)),
        binding("gtid-mode", string("ON")),
        binding("enforce-gtid-consistency", string("ON")),
        ...(upstream === undefined ? [] : [binding("read-only", boolean(true))]),
      ];

const unitName = "cim-mysql-standby";

export const standbyUnit = `${unitName}.service`;

/** The unit that copies what the server is a standby of, once, and has it followed. It tries again until that answers. */
export const standbyOptions = (
  { id, replicationPassword }: MysqlSpecification,
  upstream: Upstream,
): ReadonlyArray<Binding> => [
  taskOptions({
    name: unitName,
    description: `Makes ${id} a standby of ${upstream.node}`,
    settings: [
      binding("wantedBy", strings(["multi-user.target"])),
      binding("after", strings(["mysql.service", "network-online.target"])),
      binding("requires", strings(["mysql.service"])),
      binding("wants", strings(["network-online.target"])),
      binding("path", list([reference("config", "services", "mysql", "package")])),
    ],
    remains: true,
    user: "mysql",
    serviceConfig: credentialBindings({ replication: replicationPassword }),
    command: commandLine(programPath("mysqlStandby"), [upstream.address, String(upstream.port), replicationRole]),
    retrySeconds: 30,
  }),
];
