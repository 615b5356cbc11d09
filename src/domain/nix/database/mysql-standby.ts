import {
  attributes,
  type Binding,
  binding,
  boolean,
  integer,
  list,
  reference,
  string,
  strings,
} from "../language/expression.ts";
import { programPath } from "../unit/programs.ts";
import { commandLine, specifiersEscaped } from "../unit/systemd.ts";
import { replicationRole } from "./database-access.ts";
import type { MysqlSpecification } from "./mysql.ts";
import type { Upstream } from "./replication.ts";

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
  binding(
    ["systemd", "services", unitName],
    attributes([
      binding("description", string(`Makes ${id} a standby of ${upstream.node}`)),
      binding("wantedBy", strings(["multi-user.target"])),
      binding("after", strings(["mysql.service", "network-online.target"])),
      binding("requires", strings(["mysql.service"])),
      binding("wants", strings(["network-online.target"])),
      binding("path", list([reference("config", "services", "mysql", "package")])),
      binding(
        "serviceConfig",
        attributes([
          binding("Type", string("oneshot")),
          binding("RemainAfterExit", boolean(true)),
          binding("User", string("mysql")),
          binding("LoadCredential", strings([`replication:${specifiersEscaped(replicationPassword)}`])),
          binding(
            "ExecStart",
            commandLine(programPath("mysqlStandby"), [upstream.address, String(upstream.port), replicationRole]),
          ),
          binding("Restart", string("on-failure")),
          binding("RestartSec", integer(30)),
        ]),
      ),
    ]),
  ),
];
