import { type ExportedEngine, natsMonitorPort } from "../../graph/monitoring-ports.ts";
import { hostInUrl, loopback } from "../host/addresses.ts";
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
} from "../language/expression.ts";

/** The exporter of an engine that runs on the same host. */
export interface EngineExporter {
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

/** Name and settings of each engine's exporter in NixOS. None needs a secret: they are on the host of what they look at. */
const exporterOf = (
  { engine, port }: EngineExporter,
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
      return ["redis", [address]];
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
    ];
  });
