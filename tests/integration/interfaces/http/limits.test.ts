import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect as connectTo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { connect } from "../../../../src/agents/kit/mod.ts";
import { type HttpPort, openHttpPort } from "../../../../src/interfaces/http/mod.ts";
import { ask, logIn } from "../../../support/http.ts";
import { type TestNats, testNats } from "../../../support/nats.ts";

let nats: TestNats;
let http: HttpPort;

const connectAs = (principal: string) => connect({ servers: nats.url, prefix: nats.prefix, principal });

let page = "";

beforeAll(async () => {
  nats = await testNats();
  page = await mkdtemp(join(tmpdir(), "cim-limits-"));
  await writeFile(join(page, "index.html"), "<!doctype html>");
  await writeFile(join(page, "large.bin"), Buffer.alloc(16 * 1024 * 1024));
  http = await openHttpPort({ port: 0, principal: "console", connectAs, page });
});

afterAll(async () => {
  await http?.close();
  await rm(page, { recursive: true, force: true });
  await nats?.dispose();
});

interface RawConnection {
  readonly socket: Socket;
  /** Everything that came, once the connection is closed. */
  readonly answer: Promise<string>;
}

/** A connection that says only what it is given. */
const raw = (text = ""): Promise<RawConnection> =>
  new Promise((resolve) => {
    const socket = connectTo(http.port, "127.0.0.1");
    let said = "";
    socket.setEncoding("utf8");
    socket.on("data", (chunk: string) => {
      said += chunk;
    });
    socket.on("error", () => {});
    const answer = new Promise<string>((closed) => socket.on("close", () => closed(said)));
    socket.on("connect", () => {
      socket.write(text);
      resolve({ socket, answer });
    });
  });

const statusOf = async (text: string): Promise<number> => {
  const { answer, socket } = await raw(text);
  const line = await answer;
  socket.destroy();
  expect(line).toMatch(/^Content-Security-Policy: default-src 'none'; /m);
  return Number(line.split(" ")[1]);
};

describe("what is not a request that can be answered", () => {
  test.each([
    ["no HTTP", "hello\r\n\r\n", 400],
    ["no Host", "GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n", 400],
    [
      "an address of another server",
      "GET http://evil.example/healthz HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
      421,
    ],
    ["two lengths", "POST /api/link HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400],
    [
      "a length and chunks",
      "POST /api/link HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      400,
    ],
    ["headers of megabytes", `GET / HTTP/1.1\r\nX: ${"x".repeat(2_000_000)}\r\n\r\n`, 431],
  ])("%s", async (_, text, status) => {
    expect(await statusOf(text)).toBe(status);
  });

  test.each(["/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/..%5c..%5cetc", "/%00", "/%", "/assets/%c0%ae%c0%ae"])(
    "a path that leads elsewhere: %s",
    async (path) => {
      const { answer } = await raw(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${http.port}\r\nConnection: close\r\n\r\n`);
      expect(await answer).toMatch(/^HTTP\/1\.1 40[04] /);
    },
  );
});

describe("many connections", () => {
  test("10,000 that do nothing lock nobody out: those that waited longest are told so and closed", async () => {
    const person = await logIn(http.link("ann"));
    const stream = await person.stream("feed");
    const answers: Array<Promise<string>> = [];
    for (let round = 0; round < 100; round++) {
      const opened = await Promise.all(Array.from({ length: 100 }, () => raw()));
      answers.push(...opened.map(({ answer }) => answer));
    }
    expect((await ask(http.port, "/healthz")).status).toBe(200);
    expect((await person.get("/api/session")).status).toBe(200);
    const { text } = await ask(http.port, "/metrics");
    expect(Number(/^cim_http_connections (\d+)$/m.exec(text)?.[1])).toBeLessThanOrEqual(512);
    expect(Number(/^cim_http_connections_refused (\d+)$/m.exec(text)?.[1])).toBeGreaterThan(9_000);
    expect(await answers[0]).toMatch(/^HTTP\/1\.1 503 Service Unavailable\r\n/);
    // The stream was open all the time.
    expect((await ask(http.port, "/metrics")).text).toMatch(/^cim_http_streams 1$/m);
    stream.close();
    // The rest is ended because no request comes.
    const last = await Promise.all(answers);
    expect(last.filter((answer) => answer.startsWith("HTTP/1.1 408 "))).not.toHaveLength(0);
  });

  test("600 that take nothing of their answer, or never end their body, lock nobody out", async () => {
    const person = await logIn(http.link("ann"));
    const stream = await person.stream("feed");
    const own = `Host: 127.0.0.1:${http.port}`;
    const slow = [
      `GET /large.bin HTTP/1.1\r\n${own}\r\n\r\n`,
      `POST /api/query/graphs/list HTTP/1.1\r\n${own}\r\nContent-Length: 1000\r\n\r\n{`,
    ];
    const opened = await Promise.all(
      Array.from({ length: 600 }, async (_, index) => {
        const connection = await raw(slow[index % 2]);
        connection.socket.pause();
        return connection;
      }),
    );
    expect((await ask(http.port, "/healthz")).status).toBe(200);
    expect((await person.get("/api/session")).status).toBe(200);
    expect((await ask(http.port, "/metrics")).text).toMatch(/^cim_http_streams 1$/m);
    for (const { socket } of opened) socket.destroy();
    stream.close();
  });

  test("a body that never ends is ended", async () => {
    const person = await logIn(http.link("ann"));
    const headers = Object.entries({ ...person.headers, "Content-Type": "application/json", "Content-Length": "1000" });
    const { answer } = await raw(
      `POST /api/query/graphs/list HTTP/1.1\r\nHost: 127.0.0.1:${http.port}\r\n${headers
        .map(([name, value]) => `${name}: ${value}\r\n`)
        .join("")}\r\n{`,
    );
    expect(await answer).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect((await person.get("/api/session")).status).toBe(200);
  });

  test("a request whose headers never end is ended", async () => {
    const { answer } = await raw("GET /healthz HTTP/1.1\r\nX: ");
    expect(await answer).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
  });

  test("event streams of one person are bounded, however many sessions there are, and others have theirs", async () => {
    const [person, again] = [await logIn(http.link("eve")), await logIn(http.link("eve"))];
    const streams = await Promise.all(Array.from({ length: 64 }, () => person.stream("feed")));
    const refused = Array.from({ length: 1_000 }, (_, index) =>
      (index % 2 === 0 ? person : again).get("/api/stream?follow=feed"),
    );
    for (const { status } of await Promise.all(refused)) expect(status).toBe(429);
    const other = await (await logIn(http.link("ann"))).stream("feed");
    for (const stream of [...streams, other]) stream.close();
  });
});

describe("the port", () => {
  test("is another one if the default one is taken, and must be free if it is named", async () => {
    const named = openHttpPort({ port: http.port, principal: "console", connectAs });
    await expect(named).rejects.toThrow(`port ${http.port} of 127.0.0.1 is taken`);
    const first = await openHttpPort({ principal: "console", connectAs });
    const second = await openHttpPort({ principal: "console", connectAs });
    expect(second.port).not.toBe(7422);
    expect((await ask(second.port, "/healthz")).status).toBe(200);
    await Promise.all([first.close(), second.close()]);
  });

  test("behind a proxy with TLS: links lead there, and the cookie travels over TLS only", async () => {
    const origins = ["https://cim.example.org"];
    const proxied = await openHttpPort({ port: 0, principal: "console", connectAs, origins });
    const link = new URL(proxied.link("ann"));
    expect(link.origin).toBe("https://cim.example.org");
    const headers = { Host: "cim.example.org" };
    const answer = await ask(proxied.port, `${link.pathname}${link.search}`, { headers });
    expect(answer.headers["set-cookie"]?.[0]).toMatch(/; HttpOnly; Secure; SameSite=Strict$/);
    await proxied.close();
  });
});
