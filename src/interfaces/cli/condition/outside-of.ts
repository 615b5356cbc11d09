import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Client } from "../../../agents/kit/mod.ts";
import { defined } from "../../../domain/kernel/mod.ts";
import { CliFailure, messageOf } from "../errors.ts";
import type { Invocation } from "../invocation.ts";
import { serverUrls } from "../settings.ts";
import type { Facts } from "./facts.ts";
import type { Outside } from "./look.ts";
import { certificateOf, consoleAt, credentialsUntil, monitored, ofFolder, versionAt } from "./outside.ts";

/** Where to look besides the server. */
export interface LookOptions {
  readonly monitor?: string;
  readonly store?: string;
  readonly console?: string;
}

const usualConsole = "http://127.0.0.1:7422";
const usualStore = ".cim/store";

const certificatesOf = async (
  { host: { env } }: Invocation,
  { nats }: Client,
  console: string,
): Promise<Facts["certificates"]> => {
  const { hostname, port } = new URL(`nats://${nats.getServer()}`);
  const page = new URL(console);
  const [server, http, credentials] = await Promise.all([
    nats.info?.tls_required === true ? certificateOf(hostname, Number(port || 4222), true) : undefined,
    page.protocol === "https:" ? certificateOf(page.hostname, Number(page.port || 443), false) : undefined,
    readFile(env.CIM_CREDENTIALS ?? "", "utf8").then(credentialsUntil, () => undefined),
  ]);
  const all = [
    { what: "the certificate of the server", until: server },
    { what: `the certificate of ${page.host}`, until: http },
    { what: "the credentials of this command line", until: credentials },
  ];
  return all.flatMap(({ what, until }) => (until === undefined ? [] : [{ what, until }]));
};

/** The servers that `--nats` names and that the server itself names, without the one that this is connected to. */
const otherServers = async ({ settings }: Invocation, { nats }: Client): Promise<Facts["otherServers"]> => {
  const addressOf = (url: string) => {
    const { hostname, port } = new URL(`nats://${url.replace(/^\w+:\/\//, "").replace(/^.*@/, "")}`);
    return `${hostname}:${port || 4222}`;
  };
  const named = new Set(serverUrls(settings.nats).map(addressOf));
  const known = new Set([...named, ...(nats.info?.connect_urls ?? []).map(addressOf)]);
  known.delete(addressOf(nats.getServer()));
  const seen = await Promise.all(
    [...known].map(async (address) => {
      const { hostname, port } = new URL(`nats://${address}`);
      const version = await versionAt(hostname.replace(/^\[|\]$/g, ""), Number(port));
      return version === undefined && !named.has(address) ? [] : [defined({ url: `nats://${address}`, version })];
    }),
  );
  return seen.flat();
};

/** Looks where JetStream shows nothing. An address that somebody named must answer. */
export const lookOutside = async (
  cli: Invocation,
  client: Client,
  { monitor, store, console }: LookOptions,
): Promise<Outside> => {
  const port = Number(new URL(`nats://${client.nats.getServer()}`).port || 4222);
  const folder = resolve(store ?? (cli.host.env.CIM_STORE || usualStore));
  const seen = await (monitor === undefined ? ofFolder(folder, port) : monitored(monitor)).catch((error) => {
    throw new CliFailure(`${monitor ?? folder} cannot be read: ${messageOf(error)}; correct or leave out the option`, {
      cause: error,
    });
  });
  if (store !== undefined && monitor === undefined && seen === undefined)
    throw new CliFailure(`${folder} is not the folder of the server on port ${port}: correct or leave out --store`);
  const url = console ?? usualConsole;
  return {
    ...defined({ durability: seen?.durability, serverHealth: seen?.serverHealth }),
    otherServers: await otherServers(cli, client),
    disks: seen?.disks ?? [],
    certificates: await certificatesOf(cli, client, url),
    console: await consoleAt(url, console !== undefined),
  };
};
