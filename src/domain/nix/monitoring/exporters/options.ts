import { natsMonitorPort } from "../../../graph/node-types/message-bus-engines.ts";
import type { ExportedEngine } from "../../../graph/ports.ts";
import { hostInUrl, loopback } from "../../host/addresses.ts";
import {
  apply,
  attributes,
  type Binding,
  binding,
  boolean,
  type Expression,
  list,
  reference,
  string,
  strings,
} from "../../language/expression.ts";
import type { ExporterAccess } from "./access.ts";
import { mongodbExporterOptions, redisExporterOptions } from "./units.ts";

/** The exporter of an engine that runs on the same host. */
export interface EngineExporter extends ExporterAccess {
  readonly engine: ExportedEngine;
  /** Where the engine listens. */
  readonly port: number;
}

/** The client of the database's own user, which its server knows by its socket. */
const mysqlClient: Expression = apply(
  reference("pkgs", "writeText"),
  string("mysqld-exporter.cnf"),
  string("[client]\nuser=mysql\nsocket=/run/mysqld/mysqld.sock\n"),
);

/** Name and settings of each engine's exporter in NixOS. */
const exporterOf = (
  { engine, port, encrypted }: EngineExporter,
  listen: string,
): readonly [string, ReadonlyArray<Binding>] | undefined => {
  const address = binding("listenAddress", string(hostInUrl(listen)));
  switch (engine) {
    case "postgresql":
      return [
        "postgres",
        [
          address,
          binding("runAsLocalSuperUser", boolean(true)),
          binding(
            "dataSourceName",
            string(`user=postgres database=postgres host=/run/postgresql port=${port} sslmode=disable`),
          ),
        ],
      ];
    case "mysql":
      return ["mysqld", [address, binding("runAsLocalSuperUser", boolean(true)), binding("configFile", mysqlClient)]];
    case "mongodb":
      return [
        "mongodb",
        [
          address,
          binding("uri", string(`mongodb://${loopback}:${port}`)),
          binding("collectAll", boolean(true)),
          // These have no defaults.
          ...["collStats", "indexStats", "collector"].map((name) => binding(name, list([]))),
        ],
      ];
    case "redis":
      // Nobody can be between it and a server on the same host.
      return ["redis", [address, ...(encrypted ? [binding("extraFlags", strings(["-skip-tls-verification"]))] : [])]];
    case "nats":
      return [
        "nats",
        [
          // Unlike the others it puts an address into brackets itself.
          binding("listenAddress", string(listen)),
          binding("url", string(`http://${loopback}:${natsMonitorPort}`)),
          binding("extraFlags", strings(["-varz", "-connz", "-routez", "-jsz=all"])),
        ],
      ];
    case "rabbitmq":
      // It tells its figures itself.
      return undefined;
  }
};

export const engineExporterOptions = (engines: ReadonlyArray<EngineExporter>, listen: string): ReadonlyArray<Binding> =>
  engines.flatMap((engine) => {
    const exporter = exporterOf(engine, listen);
    if (exporter === undefined) return [];
    const [name, settings] = exporter;
    return [
      binding(
        ["services", "prometheus", "exporters", name],
        attributes([binding("enable", boolean(true)), ...settings]),
      ),
      ...unitsOf(engine),
    ];
  });

const unitsOf = ({ engine, accounts }: EngineExporter): ReadonlyArray<Binding> => {
  switch (engine) {
    case "redis":
      return redisExporterOptions(accounts);
    case "mongodb":
      return mongodbExporterOptions(accounts);
    default:
      return [];
  }
};
