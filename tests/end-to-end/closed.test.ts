import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { Effect } from "effect";
import { findServerBinary } from "../../src/infrastructure/nats/embedded-server/binary.ts";
import { commonSettings } from "../../src/infrastructure/nats/embedded-server/mod.ts";
import { type BackendProcess, startBackend } from "../support/backend-process.ts";
import { freePort } from "../support/nats.ts";
import { soon } from "../support/soon.ts";
import { cim as run } from "./cli/cim.ts";

/*
 * A closed installation on servers that are not ours: a cluster of three, with the part that `cim security` keeps, and TLS
 * between the servers as docs/cluster.md has it.
 */

const timing = ["--discussion-seconds", "5", "--voting-seconds", "60", "--monitor-seconds", "1"];
let folder = "";
let servers: ReadonlyArray<string> = [];
const children: Array<ChildProcess> = [];
let backend: BackendProcess;

const keys = () => join(folder, "keys");
/** In the name of ada, who made the keys. */
const cim = (...args: ReadonlyArray<string>) =>
  run([...args, "--secure", keys(), "--as", "ada", "--nats", servers.join(",")]);
const done = { code: 0 };

const configuration = (index: number, port: number, routes: ReadonlyArray<number>) => `server_name: n${index}
listen: "127.0.0.1:${port}"
${commonSettings}
jetstream { store_dir: ${JSON.stringify(join(folder, `n${index}`))}, sync_interval: always }
include ./closed.conf
cluster {
  name: cim
  listen: "127.0.0.1:${routes[index]}"
  routes: [${routes.map((route) => `"nats://127.0.0.1:${route}"`).join(", ")}]
  tls {
    cert_file: "${keys()}/tls/server.pem"
    key_file: "${keys()}/tls/server.key"
    ca_file: "${keys()}/tls/ca.pem"
    verify: true
    timeout: 20
  }
}
`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cim-closed-"));
  expect(await run(["security", "init", keys(), "--as", "ada"])).toMatchObject(done);
  const binary = await Effect.runPromise(findServerBinary(process.env));
  const [ports, routes] = [
    await Promise.all([freePort(), freePort(), freePort()]),
    await Promise.all([freePort(), freePort(), freePort()]),
  ];
  for (const [index, port] of ports.entries()) {
    const file = join(keys(), `n${index}.conf`);
    await writeFile(file, configuration(index, port, routes), { mode: 0o600 });
    children.push(spawn(binary, ["--config", file], { stdio: "ignore" }));
  }
  servers = ports.map((port) => `nats://127.0.0.1:${port}`);
  backend = await startBackend("--secure", keys(), "--nats", servers.join(","), "--replicas", "3", "--no-console");
}, 300_000);

afterAll(async () => {
  await backend?.stop();
  for (const child of children) {
    child.kill("SIGKILL");
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  }
  await rm(folder, { recursive: true, force: true });
}, 60_000);

test("a deployment, and why a host runs what it runs; both say that identities are checked", async () => {
  const deployed = await cim("deploy", "examples/five-services.json", "--json", ...timing);
  expect(deployed.code).toBe(0);
  const checked = "the nats-server checks who connects";
  expect(await cim("why", "leaf-1")).toMatchObject({ ...done, stderr: expect.stringContaining(checked) });
  const { id } = JSON.parse(deployed.stdout.trim().split("\n").at(-1) ?? "").deployments[0];
  expect(await cim("audit", "show", id)).toMatchObject({ ...done, stderr: expect.stringContaining(checked) });
}, 300_000);

test("every server knows at once who comes in, and who does not any more", async () => {
  expect(await cim("security", "user", "add", "bob", "--role", "viewer")).toMatchObject({
    ...done,
    stderr: expect.stringContaining("the nats-server knows it"),
  });
  const credentials = join(folder, "bob.creds");
  await writeFile(credentials, await readFile(join(keys(), "creds/bob.creds")), { mode: 0o600 });
  const env = { CIM_CREDENTIALS: credentials, CIM_CA: join(keys(), "tls/ca.pem") };
  const asBob = (server: string) => run(["graph", "list", "--nats", server], { env });
  for (const server of servers) await soon(async () => expect(await asBob(server)).toMatchObject(done));
  expect(await cim("security", "user", "revoke", "bob")).toMatchObject(done);
  for (const server of servers)
    await soon(async () =>
      expect(await asBob(server)).toMatchObject({ code: 1, stderr: expect.stringContaining("refused the connection") }),
    );
}, 300_000);

test("a connection that a server refused is in the list of refusals", async () => {
  expect(await run(["principals", "list", "--nats", servers[0] ?? "", "--timeout", "3"])).toMatchObject({ code: 1 });
  await soon(async () => {
    const { stdout } = await cim("audit", "refusals", "--json");
    expect(JSON.parse(stdout)).toMatchObject({
      backends: 1,
      newest: expect.arrayContaining([expect.objectContaining({ what: "connect", code: "connection-refused" })]),
    });
  });
}, 300_000);

test("a backup of it is restored into another closed installation, with the same keys", async () => {
  const [copy, store] = [join(folder, "copy"), join(folder, "store")];
  expect(await cim("backup", copy)).toMatchObject(done);
  const withoutKeys = await run(["backup", join(folder, "x"), "--nats", servers.join(",")], {
    env: { CIM_CREDENTIALS: join(keys(), "creds/ada.creds"), CIM_CA: join(keys(), "tls/ca.pem") },
  });
  expect(withoutKeys).toMatchObject({ code: 1, stderr: expect.stringContaining("give --secure FOLDER") });
  expect(await run(["restore", copy, "--store", store, "--secure", keys()])).toMatchObject(done);
  const restored = await startBackend(
    "--secure",
    keys(),
    "--store",
    store,
    "--port",
    "0",
    "--no-console",
    "--no-agents",
  );
  try {
    const listed = await run(["deployments", "list", "--nats", restored.url, "--secure", keys(), "--as", "ada"]);
    expect(listed).toMatchObject({ ...done, stdout: expect.stringContaining("succeeded") });
  } finally {
    await restored.stop();
  }
}, 300_000);
