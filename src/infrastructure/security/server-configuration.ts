import { resolve } from "node:path";
import { commonSettings } from "../nats/embedded-server/mod.ts";
import type { SignedAccount } from "./accounts.ts";
import { files, type Installation } from "./folder.ts";

/**
 * Returns the part of a nats-server's configuration that closes it. It has no `no_auth_user`, and no WebSocket or MQTT
 * port, so each client must show a key.
 */
export const closedPart = (
  folder: string,
  installation: Installation,
  accounts: ReadonlyArray<SignedAccount>,
): string => {
  const path = (name: string) => JSON.stringify(resolve(folder, name));
  return `operator: ${installation.operatorJwt}
system_account: ${installation.keys.system}
resolver: MEMORY
resolver_preload {
${accounts.map(({ key, jwt }) => `  ${key}: ${jwt}`).join("\n")}
}
tls {
  cert_file: ${path(files.certificate)}
  key_file: ${path(files.certificateKey)}
  min_version: "1.2"
  # The default, 2 s, turns clients away while a machine is busy.
  timeout: 20
}
`;
};

/**
 * Returns the configuration of a nats-server that is not embedded. It is written once, and the operator may change it.
 * The part that follows from the keys is a separate file. That one is written again when the keys change.
 */
export const wholeConfiguration = (
  folder: string,
): string => `# Start it with: nats-server --config ${resolve(folder, files.configuration)}
# This file is yours to change. \`cim security\` keeps the one that it includes.
listen: "0.0.0.0:4222"
${commonSettings}
jetstream {
  store_dir: ${JSON.stringify(resolve(folder, "store"))}
  max_file: 100TB
  sync_interval: always
}
include ./${files.closedPart}
`;
