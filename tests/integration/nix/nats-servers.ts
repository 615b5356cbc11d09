import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ConnectionOptions, connect, type NatsConnection } from "@nats-io/transport-node";
import { Effect } from "effect";
import type { GraphDocument } from "../../../src/domain/graph/document.ts";
import { defined } from "../../../src/domain/kernel/mod.ts";
import { findServerBinary } from "../../../src/infrastructure/nats/embedded-server/binary.ts";
import { type Configuration, configurations } from "../../unit/domain/nix/rendering.ts";

/** A loopback network of our own: every host of a graph has an address in it. */
const network = `127.${1 + Math.floor(Math.random() * 250)}.${Math.floor(Math.random() * 250)}`;

/** The address of host `leaf-<number>`. */
export const addressOf = (number: number): string => `${network}.${number}`;

/** What stands for a password in the settings of a server, as its unit replaces it. */
export const passwordOf = (name: string): string => `secret of ${name}`;

const withPasswords = (settings: Configuration): unknown =>
  JSON.parse(
    JSON.stringify(settings, (key, value: unknown) => {
      if (typeof value !== "string") return value;
      if (key === "password") return passwordOf(value);
      return key === "url"
        ? value.replace(/:([^:@/]+)@/, (_, name: string) => `:${encodeURIComponent(passwordOf(clientOf(name)))}@`)
        : value;
    }),
  );

/** A leaf node has the same file as the bus that it dials. */
const clientOf = (name: string): string => name.replace(/^.*_leaf\.password$/, "edge.password");

/** The NATS servers of a graph's hosts, as they are configured, each on the address of its host alone. */
export class NatsServers {
  readonly hosts: Record<string, Configuration>;
  readonly #folder = mkdtempSync(join(tmpdir(), "cim-nats-"));
  readonly #binary = Effect.runSync(findServerBinary(process.env));
  readonly #processes: Array<ChildProcess> = [];
  readonly #connections: Array<NatsConnection> = [];

  constructor(document: GraphDocument) {
    this.hosts = configurations(document);
  }

  /** Starts the server of host `leaf-<number>`, and waits until it answers. */
  async start(number: number): Promise<void> {
    const configuration = this.hosts[`leaf-${number}`];
    const { settings, ...nats } = configuration?.services?.nats ?? {};
    const address = addressOf(number);
    const inFolder = (path: unknown) => String(path).replace("/var/lib", this.#folder);
    const { jetstream, cluster, leafnodes, tls, ...others } = Object(withPasswords(settings ?? {}));
    const file = join(this.#folder, `leaf-${number}.json`);
    writeFileSync(
      file,
      JSON.stringify({
        ...others,
        host: address,
        http: `${address}:8222`,
        port: nats.port,
        server_name: nats.serverName,
        jetstream: jetstream === false ? false : { ...jetstream, store_dir: join(this.#folder, `leaf-${number}`) },
        ...defined({ cluster: cluster === undefined ? undefined : { ...cluster, host: address } }),
        ...defined({
          leafnodes: leafnodes === undefined ? undefined : leafnodes.port ? { ...leafnodes, host: address } : leafnodes,
        }),
        ...defined({
          tls: tls === undefined ? undefined : { cert_file: inFolder(tls.cert_file), key_file: inFolder(tls.key_file) },
        }),
      }),
    );
    execFileSync(this.#binary, ["-c", file, "-t"], { stdio: "pipe" });
    this.#processes.push(spawn(this.#binary, ["-c", file], { stdio: "ignore" }));
    await until(async () => (await fetch(`http://${address}:8222/healthz?js-enabled-only=true`)).ok);
  }

  /** Makes the certificate of a host as its unit does. */
  certify(number: number): void {
    const command = this.hosts[`leaf-${number}`]?.systemd?.services?.["cim-nats-tls"]?.serviceConfig?.ExecStart;
    const [, ...words] = String(command).replaceAll("/var/lib", this.#folder).split(" ");
    execFileSync("mkdir", ["-p", join(this.#folder, "cim-nats-tls")]);
    execFileSync("openssl", words, { stdio: "ignore" });
  }

  get certificate(): string {
    return join(this.#folder, "cim-nats-tls", "server.crt");
  }

  /** A connection to a host's server, as the user of a node. */
  async client(number: number, user: string, options: ConnectionOptions = {}): Promise<NatsConnection> {
    const connection = await connect({
      servers: `${addressOf(number)}:4222`,
      user,
      pass: passwordOf(`${user}.password`),
      reconnect: false,
      ...options,
    });
    this.#connections.push(connection);
    return connection;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#connections.map((connection) => connection.close()));
    await Promise.all(
      this.#processes.map(
        (server) =>
          new Promise((resolve) => {
            server.once("exit", resolve);
            server.kill("SIGKILL");
          }),
      ),
    );
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Tries until it is so; for at most 20 seconds. */
export const until = async (condition: () => Promise<boolean>): Promise<void> => {
  const end = Date.now() + 20_000;
  while (!(await condition().catch(() => false))) {
    if (Date.now() > end) throw new Error(`never so: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};
