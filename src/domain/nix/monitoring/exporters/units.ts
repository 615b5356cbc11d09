import { monitorUser } from "../../database/mongodb/specification.ts";
import { attributes, type Binding, binding, list, string, strings } from "../../language/expression.ts";
import { commandLine } from "../../unit/command-line.ts";
import { programPath } from "../../unit/programs.ts";
import { credentialBindings, stringsBinding } from "../../unit/systemd.ts";
import type { Account } from "./access.ts";

/*
 * What exporters need to log in, added to the units that NixOS makes of them. Passwords come as credentials, from which
 * the exporter's own user writes what it reads them from into a folder that nobody else can read.
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
          // A list, since NixOS gives some exporters a folder too.
          binding("RuntimeDirectory", strings([folderOf(exporter)])),
          binding("RuntimeDirectoryMode", string("0700")),
          ...serviceConfig,
        ]),
      ),
    ]),
  );
};

/** How the exporter of Redis servers learns their passwords, those of which there is one. */
export const redisExporterOptions = (accounts: ReadonlyArray<Account>): ReadonlyArray<Binding> => {
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
        // Where there is no such file, the credential is an empty line (systemd.exec(5)).
        binding("SetCredential", strings(named.map(({ name }) => `${name}:\\n`))),
        binding(
          "ExecStartPre",
          list([commandLine(programPath("redisExporter"), [file, ...named.flatMap(({ uri, name }) => [uri, name])])]),
        ),
      ],
    ),
  ];
};

/** How the exporter of a MongoDB server logs in, if it has to. */
export const mongodbExporterOptions = (accounts: ReadonlyArray<Account>): ReadonlyArray<Binding> => {
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
        // What runs before is started without it.
        binding("EnvironmentFile", string(`-${file}`)),
      ],
    ),
  ];
};
