import { nodeExporterPort } from "../../../graph/node-types/host.ts";
import { natsMonitorPort } from "../../../graph/node-types/message-bus-engines.ts";
import type { ExportedEngine } from "../../../graph/ports.ts";
import { monitorUser } from "../../database/mongodb/specification.ts";
import { hostInUrl, loopback } from "../../host/network.ts";
import {
  apply,
  attributes,
  type Binding,
  binding,
  boolean,
  type Expression,
  integer,
  list,
  reference,
  string,
  strings,
} from "../../language/expression.ts";
import { commandLine } from "../../unit/command-line.ts";
import { programPath } from "../../unit/programs.ts";
import { credentialBindings, stringsBinding } from "../../unit/systemd.ts";
import type { Account, EngineExporter, Exporters, LogShipping } from "./specification.ts";

/** Returns the options of a host that something monitors. */
export const exporterOptions = ({ listen, engines, logs }: Exporters): ReadonlyArray<Binding> => [
  nodeExporter(listen),
  ...engines.flatMap((engine) => engineOptions(engine, listen)),
  ...(logs === undefined ? [] : alloyOptions(logs)),
];

/**
 * Returns the exporter of the host's metrics. They include the state of each unit, so they also show whether health
 * checks pass.
 */
const nodeExporter = (listen: string): Binding =>
  binding(
    "services.prometheus.exporters.node",
    attributes([
      binding("enable", boolean(true)),
      binding("listenAddress", string(hostInUrl(listen))),
      binding("port", integer(nodeExporterPort)),
      binding("enabledCollectors", strings(["systemd"])),
    ]),
  );

/** The exporter of an engine in NixOS: its name, its settings, and additions to its unit. */
interface NixosExporter {
  readonly name: string;
  readonly settings: ReadonlyArray<Binding>;
  readonly unit?: ReadonlyArray<Binding>;
}

/** The client configuration of MySQL's own user. The server recognizes this user by its socket. */
const mysqlClient: Expression = apply(
  reference("pkgs", "writeText"),
  string("mysqld-exporter.cnf"),
  string("[client]\nuser=mysql\nsocket=/run/mysqld/mysqld.sock\n"),
);

/** Returns the exporter of each engine; undefined if the engine shows its metrics itself. */
const exporters: Readonly<
  Record<ExportedEngine, (exporter: EngineExporter, listen: string) => NixosExporter | undefined>
> = {
  postgresql: ({ port }, listen) => {
    const source = `user=postgres database=postgres host=/run/postgresql port=${port} sslmode=disable`;
    return {
      name: "postgres",
      settings: [
        listenAddress(listen),
        binding("runAsLocalSuperUser", boolean(true)),
        binding("dataSourceName", string(source)),
      ],
    };
  },
  mysql: (_, listen) => ({
    name: "mysqld",
    settings: [
      listenAddress(listen),
      binding("runAsLocalSuperUser", boolean(true)),
      binding("configFile", mysqlClient),
    ],
  }),
  mongodb: ({ port, accounts }, listen) => ({
    name: "mongodb",
    settings: [
      listenAddress(listen),
      binding("uri", string(`mongodb://${loopback}:${port}`)),
      binding("collectAll", boolean(true)),
      // These options have no defaults.
      ...["collStats", "indexStats", "collector"].map((name) => binding(name, list([]))),
    ],
    unit: mongodbUnit(accounts),
  }),
  redis: ({ encrypted, accounts }, listen) => ({
    name: "redis",
    settings: [
      listenAddress(listen),
      // On one host, no attacker can be between the exporter and the server.
      ...(encrypted ? [binding("extraFlags", strings(["-skip-tls-verification"]))] : []),
    ],
    unit: redisUnit(accounts),
  }),
  nats: (_, listen) => ({
    name: "nats",
    settings: [
      // Unlike the other exporters, this one puts an address into brackets itself.
      binding("listenAddress", string(listen)),
      binding("url", string(`http://${loopback}:${natsMonitorPort}`)),
      binding("extraFlags", strings(["-varz", "-connz", "-routez", "-jsz=all"])),
    ],
  }),
  rabbitmq: () => undefined,
};

const listenAddress = (listen: string): Binding => binding("listenAddress", string(hostInUrl(listen)));

const engineOptions = (engine: EngineExporter, listen: string): ReadonlyArray<Binding> => {
  const exporter = exporters[engine.engine](engine, listen);
  if (exporter === undefined) return [];
  const { name, settings, unit = [] } = exporter;
  return [
    binding(["services", "prometheus", "exporters", name], attributes([binding("enable", boolean(true)), ...settings])),
    ...unit,
  ];
};

/*
 * Additions to the units of exporters that must log in. Passwords come as credentials. The exporter's own user writes
 * them, in the form that the exporter reads, into a folder that no other user can read.
 */

const folderOf = (exporter: string): string => `cim-${exporter}-exporter`;

const fileIn = (exporter: string, file: string): string => `/run/${folderOf(exporter)}/${file}`;

const unitOptions = (
  exporter: string,
  accounts: ReadonlyArray<Account>,
  settings: ReadonlyArray<Binding>,
  serviceConfig: ReadonlyArray<Binding>,
): Binding => {
  const units = accounts.flatMap(({ unit }) => unit ?? []);
  return binding(
    ["systemd", "services", `prometheus-${exporter}-exporter`],
    attributes([
      ...stringsBinding("after", units),
      ...stringsBinding("wants", units),
      ...settings,
      binding(
        "serviceConfig",
        attributes([
          // The value is a list, because NixOS gives some exporters a folder too.
          binding("RuntimeDirectory", strings([folderOf(exporter)])),
          binding("RuntimeDirectoryMode", string("0700")),
          ...serviceConfig,
        ]),
      ),
    ]),
  );
};

/** Returns the unit that gives the exporter of Redis servers the passwords of those that may have one. */
const redisUnit = (accounts: ReadonlyArray<Account>): ReadonlyArray<Binding> => {
  if (accounts.length === 0) return [];
  const file = fileIn("redis", "passwords.json");
  const named = accounts.map((account, index) => ({ ...account, name: `password-${index}` }));
  return [
    unitOptions(
      "redis",
      accounts,
      [binding("environment.REDIS_PASSWORD_FILE", string(file))],
      [
        ...credentialBindings(Object.fromEntries(named.map(({ name, password }) => [name, password]))),
        // If the file is absent, the credential is an empty line (systemd.exec(5)).
        binding("SetCredential", strings(named.map(({ name }) => `${name}:\\n`))),
        binding(
          "ExecStartPre",
          list([commandLine(programPath("redisExporter"), [file, ...named.flatMap(({ uri, name }) => [uri, name])])]),
        ),
      ],
    ),
  ];
};

/** Returns the unit that gives the exporter of a MongoDB server its password, if the server asks for one. */
const mongodbUnit = (accounts: ReadonlyArray<Account>): ReadonlyArray<Binding> => {
  const [account] = accounts;
  if (account === undefined) return [];
  const file = fileIn("mongodb", "password");
  return [
    unitOptions(
      "mongodb",
      accounts,
      [binding("environment.MONGODB_USER", string(monitorUser))],
      [
        ...credentialBindings({ password: account.password }),
        binding("ExecStartPre", list([commandLine(programPath("mongodbExporter"), [file])])),
        // The program that writes the file starts before the file exists.
        binding("EnvironmentFile", string(`-${file}`)),
      ],
    ),
  ];
};

/** Returns a string in Alloy's language. Its strings are those of Go, which include those of JSON. */
const quoted = (text: string): string => JSON.stringify(text);

/**
 * Returns the configuration of Alloy (https://grafana.com/docs/alloy). It sends the journal to every Loki, through
 * rules that name its units.
 */
const alloyText = ({ host, urls, units }: LogShipping): string =>
  [
    'loki.write "monitoring" {',
    ...urls.flatMap((url) => ["  endpoint {", `    url = ${quoted(url)}`, "  }"]),
    "}",
    "",
    'loki.relabel "journal" {',
    "  forward_to = []",
    "  rule {",
    '    source_labels = ["__journal__systemd_unit"]',
    '    target_label  = "unit"',
    "  }",
    "  rule {",
    '    source_labels = ["__journal_priority_keyword"]',
    '    target_label  = "level"',
    "  }",
    "}",
    "",
    'loki.source.journal "host" {',
    "  forward_to    = [loki.write.monitoring.receiver]",
    "  relabel_rules = loki.relabel.journal.rules",
    `  labels        = { job = "journal", host = ${quoted(host)} }`,
    ...(units === undefined
      ? []
      : [`  matches       = ${quoted(units.map((unit) => `_SYSTEMD_UNIT=${unit}`).join(" "))}`]),
    "}",
    "",
  ].join("\n");

/** Returns the options of Alloy, which sends the logs. Alloy reads its configuration again when it changes. */
const alloyOptions = (shipping: LogShipping): ReadonlyArray<Binding> => [
  binding("services.alloy.enable", boolean(true)),
  binding(["environment", "etc", "alloy/config.alloy", "text"], string(alloyText(shipping))),
];
