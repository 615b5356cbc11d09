import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createServer as createSecure } from "node:https";
import { type AddressInfo, createServer as createPlain, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TLSSocket } from "node:tls";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import {
  certificateOf,
  consoleAt,
  credentialsUntil,
  monitored,
  ofFolder,
  versionAt,
} from "../../../../../src/interfaces/cli/condition/outside.ts";

const servers: Array<Server> = [];
let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cim-outside-"));
});
afterAll(async () => {
  for (const server of servers) server.close();
  await rm(folder, { recursive: true });
});

const portOf = async (server: Server): Promise<number> => {
  servers.push(server.listen(0, "127.0.0.1"));
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
};

/** A server with an answer of JSON for each path. */
const answering = async (answers: Readonly<Record<string, unknown>>): Promise<string> => {
  const server = createServer((request, response) => {
    const answer = answers[request.url ?? ""];
    response.writeHead(answer === undefined ? 404 : 200, { Connection: "close" }).end(JSON.stringify(answer ?? {}));
  });
  return `http://127.0.0.1:${await portOf(server)}`;
};

test("the monitoring port shows how the server writes, whether it is well, and how full it is", async () => {
  const url = await answering({
    "/jsz?config=true": { storage: 90, config: { sync_interval: 120e9, max_storage: 100 } },
    "/healthz": { status: "unavailable", error: "JetStream is not current" },
  });
  expect(await monitored(`${url}/`)).toEqual({
    durability: { always: false, from: `${url}/` },
    serverHealth: { ok: false, error: "JetStream is not current" },
    disks: [{ what: "the server's storage", used: 90, total: 100 }],
  });
  const well = await answering({ "/jsz?config=true": { config: { sync_always: true } }, "/healthz": { status: "ok" } });
  expect(await monitored(well)).toMatchObject({ durability: { always: true }, serverHealth: { ok: true }, disks: [] });
});

test("a server says its version before anybody logs in, and a silent one has none", async () => {
  const said = createPlain((socket) => {
    socket.write('INFO {"server_id":"A","ver');
    setImmediate(() => socket.write('sion":"2.15.2","auth_required":true} \r\n'));
  });
  expect(await versionAt("127.0.0.1", await portOf(said))).toBe("2.15.2");
  const ends = createPlain((socket) => socket.end("HTTP/1.1 400\r\n"));
  expect(await versionAt("127.0.0.1", await portOf(ends))).toBeUndefined();
  expect(await versionAt("127.0.0.1", 1)).toBeUndefined();
});

test("the folder of a server shows it, and only that of the server that is asked", async () => {
  const run = join(folder, "server");
  await mkdir(run);
  await writeFile(join(run, "nats-server_7.ports"), '{"nats": ["nats://127.0.0.1:4711"]}');
  await writeFile(join(run, "nats-server.conf"), "jetstream {\n  sync_interval: always\n}\n");
  expect(await ofFolder(folder, 4712)).toBeUndefined();
  expect(await ofFolder(join(folder, "none"), 4711)).toBeUndefined();
  expect(await ofFolder(folder, 4711)).toMatchObject({
    durability: { always: true },
    disks: [{ total: expect.any(Number) }],
  });
  await writeFile(join(run, "nats-server.conf"), "jetstream {\n}\n");
  expect(await ofFolder(folder, 4711)).toMatchObject({ durability: { always: false } });
});

test("credentials show until when they are valid", () => {
  const creds = (claims: object) =>
    `-----BEGIN NATS USER JWT-----\neyJ0.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.c2ln\n------END NATS USER JWT------\n`;
  expect(credentialsUntil(creds({ exp: Date.parse("2026-12-01T00:00:00Z") / 1000 }))).toBe("2026-12-01T00:00:00.000Z");
  expect(credentialsUntil(creds({}))).toBeUndefined();
  expect(credentialsUntil("rubbish")).toBeUndefined();
});

test("the console is ready, not ready, something else, or away", async () => {
  const ready = await answering({ "/readyz": { ready: true, reasons: [] } });
  expect(await consoleAt(ready, true)).toEqual({ url: ready, asked: true, ready: true, problem: "" });
  const behind = await answering({ "/readyz": { ready: false, reasons: ["the feed is behind", "x"] } });
  expect(await consoleAt(behind, false)).toMatchObject({ ready: false, problem: "the feed is behind; x" });
  const other = await consoleAt(await answering({}), true);
  expect(other).toMatchObject({ problem: "it answered 404, and not as a console" });
  expect(other.ready).toBeUndefined();
  expect((await consoleAt("http://127.0.0.1:1", true)).problem).not.toBe("");
});

test("a certificate shows until when it is valid, behind a nats-server's first line too", async () => {
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const subject = ["-subj", "/CN=localhost", "-days", "9", "-nodes", "-keyout", key, "-out", cert];
  execFileSync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", ...subject], {
    stdio: "ignore",
  });
  const files = { key: await readFile(key), cert: await readFile(cert) };
  const days = (until = "") => Math.round((Date.parse(until) - Date.now()) / 86_400_000);
  expect(days(await certificateOf("127.0.0.1", await portOf(createSecure(files)), false))).toBe(9);
  const nats = createPlain((socket) => {
    socket.on("error", () => {});
    socket.write("INFO {}\r\n", () => new TLSSocket(socket, { isServer: true, ...files }).on("error", () => {}));
  });
  expect(days(await certificateOf("127.0.0.1", await portOf(nats), true))).toBe(9);
  expect(await certificateOf("127.0.0.1", 1, false)).toBeUndefined();
});
