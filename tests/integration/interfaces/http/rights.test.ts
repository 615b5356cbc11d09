import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { Effect, Exit, Scope } from "effect";
import { connect } from "../../../../src/agents/kit/mod.ts";
import { findServerBinary } from "../../../../src/infrastructure/nats/embedded-server/binary.ts";
import { backend } from "../../../../src/interfaces/backend.ts";
import { type HttpPort, openHttpPort } from "../../../../src/interfaces/http/mod.ts";
import { type Browser, logIn } from "../../../support/http.ts";

/** Two people on a nats-server with accounts: ann may change graphs and read everything, bob may only read tasks. */
const configuration = (port: number, store: string) => `
listen: "127.0.0.1:${port}"
max_payload: 8MB
jetstream { store_dir: ${JSON.stringify(store)} }
authorization {
  users: [
    { user: backend, password: secret }
    { user: ann, password: ann, permissions: {
      publish: ["cim.cmd.ann.>", "cim.qry.>", "$JS.API.>"], subscribe: ["_INBOX.>"] } }
    { user: bob, password: bob, permissions: {
      publish: { allow: ["cim.cmd.bob.task.>", "cim.qry.tasks.>", "$JS.API.>"],
                 deny: ["$JS.API.*.*.KV_cim_view_graphs.>", "$JS.API.*.*.*.KV_cim_view_graphs.>", "$JS.API.STREAM.INFO.KV_cim_view_graphs"] },
      subscribe: ["_INBOX.>"] } }
  ]
}
`;

const freePort = () =>
  new Promise<number>((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });

const scope = Scope.makeUnsafe();
let folder = "";
let server: ChildProcess;
let http: HttpPort;
let ann: Browser;
let bob: Browser;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cim-rights-"));
  const port = await freePort();
  const servers = `nats://127.0.0.1:${port}`;
  const file = join(folder, "nats.conf");
  await writeFile(file, configuration(port, join(folder, "store")));
  server = spawn(await Effect.runPromise(findServerBinary(process.env)), ["-c", file], { stdio: "ignore" });
  const access = { servers, user: "backend", password: "secret" };
  for (let tries = 0; tries < 100; tries++) {
    const client = await connect({ ...access, principal: "probe" }).catch(() => undefined);
    if (client !== undefined) {
      await client.close();
      break;
    }
    await new Promise((wake) => setTimeout(wake, 100));
  }
  const options = { nats: access, prefix: "cim", store: "", port: -1, agents: false };
  await Effect.runPromise(backend(options).pipe(Effect.provideService(Scope.Scope, scope)));
  const passwords: Readonly<Record<string, object>> = { console: access };
  http = await openHttpPort({
    port: 0,
    principal: "console",
    connectAs: (principal) =>
      connect({ servers, user: principal, password: principal, ...passwords[principal], principal }),
  });
  ann = await logIn(http.link("ann"));
  bob = await logIn(http.link("bob"));
  await ann.post("/api/command/graph/of-ann/import", { id: "of-ann", nodes: [], edges: [] });
});

afterAll(async () => {
  await http?.close();
  await Effect.runPromise(Scope.close(scope, Exit.void));
  server?.kill();
  await rm(folder, { recursive: true, force: true });
});

describe("a session may do what its person may", () => {
  test("and the nats-server itself refuses the rest", async () => {
    expect((await ann.post("/api/query/graphs/get", { id: "of-ann" })).status).toBe(200);
    const refused = await bob.post("/api/query/graphs/get", { id: "of-ann" });
    expect([refused.status, refused.json]).toMatchObject([403, { ok: false, error: { code: "unauthorized" } }]);
    const command = await bob.post("/api/command/graph/of-ann/archive");
    expect(command.status).toBe(403);
    expect((await bob.post("/api/query/tasks/list")).status).toBe(200);
  });

  test("also while both ask at the same time", async () => {
    const asked = Array.from({ length: 10 }, async (_, index) => [
      (await ann.post("/api/query/graphs/get", { id: "of-ann" })).status,
      (await bob.post("/api/query/graphs/get", { id: "of-ann" })).status,
      index,
    ]);
    expect(await Promise.all(asked)).toEqual(asked.map((_, index) => [200, 403, index]));
  });

  test("and its stream has what the person may read, although another session follows more", async () => {
    const seen = await ann.stream("graphs,tasks");
    await seen.frame(({ event, data }) => event === "document" && data.id === "of-ann");
    const unseen = await bob.stream("graphs");
    const tasks = await bob.stream("tasks");
    await ann.post("/api/command/graph/of-ann/archive");
    await bob.post("/api/command/task/of-bob/submit", { type: "build", requiredCapabilities: [] });
    await Promise.all(
      [seen, tasks].map((stream) => stream.frame(({ event, data }) => event === "document" && data.id === "of-bob")),
    );
    expect(unseen.frames.filter(({ event }) => event === "document")).toEqual([]);
    for (const stream of [seen, unseen, tasks]) stream.close();
  });

  test("and somebody whom the server does not know gets nothing", async () => {
    const eve = await logIn(http.link("nobody-of-that-name"));
    // The password of an unknown person is wrong whatever it is.
    const answer = await eve.post("/api/query/graphs/list");
    expect([answer.status, answer.json]).toMatchObject([503, { error: { code: "unavailable" } }]);
  });
});
