import { addressFamily } from "../graph/addresses.ts";
import type { DatabaseNode } from "../graph/node.ts";
import { portOf } from "../graph/ports.ts";
import { calendars } from "./cron.ts";
import {
  attributes,
  type Binding,
  binding,
  boolean,
  type Expression,
  integer,
  interpolation,
  list,
  reference,
  string,
  strings,
} from "./expression.ts";
import type { NodeKind } from "./node-kind.ts";
import { commandLine, type UnitRequirements, unitBindings } from "./systemd.ts";
import { versionChecked } from "./version.ts";

/** The PostgreSQL server of a host. */
export interface PostgresqlSpecification {
  readonly type: "database";
  readonly engine: "postgresql";
  readonly id: string;
  readonly unit: UnitRequirements;
  /** `major` or `major.minor`; the release's own where absent. */
  readonly version?: string;
  readonly port: number;
  /** Each is owned by a role of the same name. */
  readonly databases: ReadonlyArray<string>;
  /** Who may connect from other hosts, with a password. Without any, the server listens on the loopback only. */
  readonly clients: ReadonlyArray<{ readonly address: string; readonly encrypted: boolean }>;
  /** `OnCalendar` expressions of the backup. */
  readonly backups: ReadonlyArray<string>;
}

const uniqueClients = (clients: PostgresqlSpecification["clients"]): PostgresqlSpecification["clients"] =>
  [...new Map(clients.map((client) => [`${client.address} ${client.encrypted}`, client])).entries()]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([, { address, encrypted }]) => ({ address, encrypted }));

export const postgresql: NodeKind<DatabaseNode, PostgresqlSpecification> = {
  unit: () => "postgresql.target",
  units: () => ["postgresql.service", "postgresql.target", "postgresql-setup.service"],
  specify: (node, site) => ({
    type: "database",
    engine: "postgresql",
    id: node.id,
    unit: site.unit,
    port: portOf(node) ?? 5432,
    databases: [...new Set(node.databases ?? [])],
    clients: uniqueClients(site.clients),
    backups: node.backupSchedule === undefined ? [] : calendars(node.backupSchedule),
    ...(node.version === undefined ? {} : { version: node.version }),
  }),
  options: (specification) => [
    binding("services.postgresql", attributes(serverOptions(specification))),
    ...(specification.backups.length === 0 ? [] : [backupOptions(specification)]),
    ...(isEncrypted(specification) ? certificateOptions : []),
    ...unitBindings("postgresql", specification.unit),
  ],
};

const isEncrypted = ({ clients }: PostgresqlSpecification): boolean => clients.some(({ encrypted }) => encrypted);

const serverOptions = (specification: PostgresqlSpecification): ReadonlyArray<Binding> => {
  const { version, port, databases, clients } = specification;
  return [
    binding("enable", boolean(true)),
    ...(version === undefined ? [] : [binding("package", packageOf(specification.id, version))]),
    binding("enableTCPIP", boolean(clients.length > 0)),
    ...(databases.length === 0
      ? []
      : [binding("ensureDatabases", strings(databases)), binding("ensureUsers", list(databases.map(owner)))]),
    ...(clients.length === 0 ? [] : [binding("authentication", string(authentication(specification)))]),
    binding("settings.port", integer(port)),
    ...(isEncrypted(specification)
      ? [
          binding("settings.ssl", boolean(true)),
          binding("settings.ssl_cert_file", string(certificate)),
          binding("settings.ssl_key_file", string(key)),
        ]
      : []),
  ];
};

const packageOf = (node: string, version: string): Expression => {
  const name = `postgresql_${version.split(".")[0]}`;
  const server = reference("pkgs", name);
  return version.includes(".") ? versionChecked(node, version, name, server) : server;
};

const owner = (database: string): Expression =>
  attributes([binding("name", string(database)), binding("ensureDBOwnership", boolean(true))]);

/** pg_hba.conf: exactly the clients' addresses, over TLS where the graph says `encrypted`. */
const authentication = ({ databases, clients }: PostgresqlSpecification): string => {
  const names = databases.length === 0 ? "all" : databases.map((name) => `"${name}"`).join(",");
  return clients
    .map(({ address, encrypted }) => {
      const prefix = addressFamily(address) === 6 ? 128 : 32;
      return `${encrypted ? "hostssl" : "host"} ${names} all ${address}/${prefix} scram-sha-256\n`;
    })
    .join("");
};

const backupOptions = ({ databases, backups }: PostgresqlSpecification): Binding =>
  binding(
    "services.postgresqlBackup",
    attributes([
      binding("enable", boolean(true)),
      ...(databases.length === 0 ? [] : [binding("databases", strings(databases))]),
      binding("startAt", strings(backups)),
    ]),
  );

const certificate = "/var/lib/postgresql-tls/server.crt";
const key = "/var/lib/postgresql-tls/server.key";

/** A certificate that the host makes for itself once: the key never leaves it and is never in the store. */
const certificateOptions: ReadonlyArray<Binding> = [
  binding(
    "systemd.services.postgresql-tls",
    attributes([
      binding("description", string("Makes the certificate of the PostgreSQL server")),
      binding("before", strings(["postgresql.service"])),
      binding("requiredBy", strings(["postgresql.service"])),
      binding("unitConfig.ConditionPathExists", string(`!${certificate}`)),
      binding(
        "serviceConfig",
        attributes([
          binding("Type", string("oneshot")),
          binding("User", string("postgres")),
          binding("StateDirectory", string("postgresql-tls")),
          binding("StateDirectoryMode", string("0700")),
          binding("UMask", string("0077")),
          binding(
            "ExecStart",
            commandLine(interpolation(reference("pkgs", "openssl"), "/bin/openssl"), [
              ...["req", "-new", "-x509", "-nodes", "-newkey", "rsa:4096", "-days", "3650", "-subj", "/CN=postgresql"],
              ...["-keyout", key, "-out", certificate],
            ]),
          ),
        ]),
      ),
    ]),
  ),
];
