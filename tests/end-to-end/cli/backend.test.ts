import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { jetstream } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { type BackendProcess, startBackend } from "../../support/backend-process.ts";
import { type Ended, root, cim as run, start } from "./cim.ts";

const example = join(root, "examples/five-services.json");
const store = (folder: string) => join(folder, "store");
const timing = ["--discussion-seconds", "2", "--voting-seconds", "10", "--monitor-seconds", "1"];
let folder = "";
let backend: BackendProcess;

const cim = (...args: ReadonlyArray<string>): Promise<Ended> => run([...args, "--nats", backend.url]);

interface Deployment {
  readonly status: string;
  readonly hosts: ReadonlyArray<{ readonly id: string; readonly closure?: string; readonly previous?: string }>;
}

/** What the tests read of the documents that commands print. */
interface Printed {
  readonly type?: string;
  readonly position?: number;
  readonly items?: ReadonlyArray<{ readonly id: string }>;
  readonly deployments?: ReadonlyArray<Deployment>;
}

/** The JSON documents that a command printed; it must have printed nothing else. */
const documents = ({ stdout }: Ended): ReadonlyArray<Printed> =>
  stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));

const document = async (...args: ReadonlyArray<string>): Promise<Printed> => {
  const [only = {}, ...more] = documents(await cim(...args, "--json"));
  expect(more).toEqual([]);
  return only;
};

/** A graph of one service on one host, whose check is quick to fail. */
const smallGraph = (id: string, host: string, service: string) => ({
  id,
  nodes: [
    { id: host, type: "host", system: "x86_64-linux", address: "10.1.0.1" },
    {
      id: service,
      type: "service",
      command: "/run/current-system/sw/bin/app",
      port: 8080,
      healthCheck: { kind: "tcp", intervalSeconds: 0.1, timeoutSeconds: 1, retries: 0 },
    },
  ],
  edges: [{ from: service, to: host, type: "runs-on" }],
});

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cim-backend-"));
  backend = await startBackend("--port", "0", "--store", store(folder), "--fail", "doomed@leaf-9");
  await writeFile(join(folder, "doomed.json"), JSON.stringify(smallGraph("doomed-shop", "leaf-9", "doomed")));
  await writeFile(join(folder, "disputed.json"), JSON.stringify(smallGraph("disputed", "leaf-8", "app")));
});
afterAll(async () => {
  await backend.stop();
  await rm(folder, { recursive: true });
});

describe("an installation in which nothing is wrong", () => {
  // How full the disk of this machine is, and whether something listens on the usual port, is not about us.
  const aboutUs = ({ check }: { readonly check: string }) => check !== "disk" && check !== "console";

  test("is well, says the doctor, and may have notes", async () => {
    const { stdout } = await cim("doctor", "--json", "--store", store(folder));
    const { checks } = JSON.parse(stdout) as { readonly checks: ReadonlyArray<{ check: string; level: string }> };
    expect(checks.filter(aboutUs).filter(({ level }) => level !== "well" && level !== "note")).toEqual([]);
    expect(checks.find(({ check }) => check === "durability")).toMatchObject({ level: "well" });
  });

  test("has a status of one screen", async () => {
    const { code, stdout } = await cim("status", "--store", store(folder));
    expect(code).toBe(0);
    const lines = stdout.trimEnd().split("\n");
    expect(lines.length).toBeLessThanOrEqual(24);
    expect(lines.filter((line) => [...line].length > 80)).toEqual([]);
    expect(stdout).toMatch(/^backends +1, version [\d.]+, ready$/m);
    expect(await document("status")).toMatchObject({ ready: true, deployments: [], votes: [], parked: [] });
  });
});

describe("a deployment", () => {
  test("that succeeds: progress, one summary line, exit code 0", async () => {
    const ended = await cim("deploy", example, "--json", ...timing);
    expect(ended.code).toBe(0);
    const lines = documents(ended);
    const summary = lines.at(-1);
    expect(lines.slice(0, -1).map(({ type }) => type)).toEqual(lines.slice(1).map(() => "progress"));
    expect(summary).toMatchObject({
      type: "summary",
      ok: true,
      deployments: [
        {
          graph: "five-services",
          version: expect.any(Number),
          status: "succeeded",
          phases: { discussing: expect.any(Number), voting: expect.any(Number), deploying: expect.any(Number) },
          findings: expect.arrayContaining([expect.objectContaining({ rule: expect.any(String) })]),
          ballots: expect.arrayContaining([expect.objectContaining({ choice: "approve" })]),
          hosts: [
            { id: "leaf-2", closure: expect.stringContaining("-simulated"), status: "confirmed" },
            { id: "leaf-1", closure: expect.stringContaining("-simulated"), status: "confirmed" },
          ],
        },
      ],
    });
  });

  test("leaves its hosts unchanged in the plan of the graph as the vote amended it", async () => {
    const { id, description, nodes, edges } = (await document("graph", "get", "five-services")) as Record<
      string,
      unknown
    >;
    const amended = join(folder, "amended.json");
    await writeFile(amended, JSON.stringify({ id, description, nodes, edges }));
    expect(await document("plan", amended)).toMatchObject({
      comparedWith: backend.url,
      waves: [
        [{ host: "leaf-2", change: "unchanged", was: expect.stringContaining("-simulated") }],
        [{ host: "leaf-1", change: "unchanged", was: expect.stringContaining("-simulated") }],
      ],
      gone: [],
    });
  });

  test("is what the plan of another version is compared with, and that of a graph that is stored", async () => {
    const stored = join(folder, "stored.json");
    expect(await cim("graph", "export", "five-services", "--out", stored)).toMatchObject({ code: 0, stderr: "" });
    expect(await document("graph", "diff", stored, "five-services@latest")).toMatchObject({ changes: [] });
    const text = await readFile(stored, "utf8");
    await writeFile(join(folder, "moved.json"), text.replaceAll('"leaf-1"', '"leaf-7"'));
    expect(await document("plan", join(folder, "moved.json"))).toMatchObject({
      waves: [
        [{ host: "leaf-2", build: false, units: { started: [], stopped: [], restarted: [] } }],
        [
          {
            host: "leaf-7",
            change: "new",
            build: true,
            units: { started: expect.arrayContaining(["gateway.service", "web-api.service"]) },
          },
        ],
      ],
      gone: [{ host: "leaf-1", was: expect.stringContaining("-simulated") }],
    });
    expect(await document("plan", "five-services@latest")).toMatchObject({
      waves: [[{ change: "unchanged" }], [{ change: "unchanged" }]],
    });
  });

  test("that fails is rolled back: exit code 4, the closure of before", async () => {
    const ended = await cim("deploy", join(folder, "doomed.json"), "--json", ...timing);
    expect(ended.code).toBe(4);
    const [deployment] = documents(ended).at(-1)?.deployments ?? [];
    expect(deployment).toMatchObject({ status: "rolled-back", hosts: [{ id: "leaf-9", status: "reverted" }] });
    const [host] = deployment?.hosts ?? [];
    expect(host?.closure).toBe(host?.previous);
  });

  test("that was rolled back is not deployed again, unless someone insists", async () => {
    const again = await cim("deploy", join(folder, "doomed.json"), ...timing);
    expect(again.code).toBe(1);
    expect(again.stderr).toMatch(/^cim: .* was rolled back; change the graph or insist, with a reason$/m);
    expect((await cim("deploy", join(folder, "doomed.json"), "--insist", "try again", ...timing)).code).toBe(4);
  });

  test("that people vote down is rejected: exit code 3", async () => {
    const people = ["ann", "bob", "cat", "dan", "eve"];
    const each = (command: (person: string) => Promise<unknown>) => Promise.all(people.map(command));
    await each((person) => cim("agents", "grant", person, "voter", "--as", "admin"));
    const profile = ["--capabilities", "review", "--metadata", '{"kind": "person"}'];
    await each((person) => cim("agents", "register", person, ...profile, "--as", person));
    // Five command lines at once take a while on a machine that has other work.
    const deploying = cim("deploy", join(folder, "disputed.json"), ...timing, "--voting-seconds", "40");
    const proposal = async (): Promise<string> => {
      const { items: [first] = [] } = await document("proposals", "list", "--filter", "status=active");
      return first?.id ?? proposal();
    };
    const id = await proposal();
    await each((person) => cim("vote", id, "reject", "--reason", "not now", "--as", person));
    const { code, stdout } = await deploying;
    expect(stdout).toContain("rejected");
    expect(code).toBe(3);
    await each((person) => cim("agents", "deregister", person, "--as", person));
  });

  test("can be left to itself", async () => {
    const watched = ["--monitor-seconds", "120"];
    const { code, stdout } = await cim("deploy", "--graph", "five-services", "--no-wait", ...watched);
    expect(code).toBe(0);
    const id = stdout.trim();
    expect(await document("deployments", "get", id)).toMatchObject({ id, graph: "five-services" });
    expect((await cim("deployments", "cancel", id, "--reason", "enough")).code).toBe(0);
  });
});

describe("the commands of an aggregate", () => {
  test("what is accepted and what is refused", async () => {
    const submit = [
      "tasks",
      "submit",
      "t-1",
      "--type",
      "paint",
      "--required-capabilities",
      "colour,brush",
      "--as",
      "ann",
    ];
    expect(await document(...submit)).toMatchObject({ ok: true, id: "t-1", version: 1, events: ["task-submitted"] });
    expect(await document("tasks", "get", "t-1")).toMatchObject({ requiredCapabilities: ["colour", "brush"] });
    const refused = await cim("tasks", "start", "t-1", "--json");
    expect(refused.code).toBe(1);
    expect(documents(refused)).toMatchObject([{ ok: false, error: { code: "unauthorized" } }]);
    expect(refused.stderr).toMatch(/^cim: /);
  });

  test("a veto is signed with the key in a file, and the story of the decision says so", async () => {
    const file = join(folder, "vera.key");
    const publicKey = (await cim("key", "new", file)).stdout.trim();
    await document("agents", "register", "vera", "--capabilities", "stop", "--public-key", publicKey, "--as", "vera");
    for (const id of ["ada", "vera"]) await cim("agents", "grant", id, "voter", "--as", "admin");
    const rules = ["--electorate", "ada", "--veto-holders", "vera", "--signed-ballots", "--voting-seconds", "3600"];
    await document("proposals", "submit", "stop-1", "--kind", "k", "--title", "t", "--subject", "{}", ...rules);
    const next = join(folder, "vera-2.key");
    const nextKey = (await cim("key", "new", next)).stdout.trim();
    expect((await cim("keys", "rotate", "vera", nextKey, "--as", "vera")).code).toBe(1);
    expect((await cim("keys", "rotate", "vera", nextKey, "--as", "vera", "--sign-with", file)).code).toBe(0);
    const veto = ["proposals", "veto", "stop-1", "--reason", "freeze", "--as", "vera"];
    expect((await cim(...veto)).stderr).toContain("a veto must be signed; sign with the key of `vera`");
    expect((await cim(...veto, "--sign-with", next)).code).toBe(0);
    expect((await cim("audit", "show", "stop-1")).stdout).toMatch(
      new RegExp(`outcome: vetoed\\n(?:.*\\n)*.*because freeze\\n.*signed with ${nextKey}`),
    );
  });

  test("who asks is recorded", async () => {
    await cim("tasks", "cancel", "t-1", "--as", "ann", "--reason", "dry");
    expect(await document("audit", "log", "--actor", "ann", "--type", "task-cancelled")).toMatchObject({
      items: [{ id: "t-1", actor: "ann", data: { reason: "dry" } }],
    });
  });

  test("something that is not there", async () => {
    const { code, stderr } = await cim("tasks", "get", "nothing");
    expect(code).toBe(1);
    expect(stderr).toContain("`nothing`");
  });
});

describe("history", () => {
  test("nothing was altered", async () => {
    const { code, stdout } = await cim("audit", "verify");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^unaltered: \d+ commits, \d+ events\n$/);
  });

  test("an event, and the state as it was", async () => {
    expect(await document("audit", "show", "task.t-1.1")).toMatchObject({ type: "task-submitted" });
    const { position } = await document("audit", "show", "task.t-1.1");
    expect(await document("audit", "replay", "task", "t-1", "--position", String(position))).toMatchObject({
      version: 1,
      state: { status: "submitted" },
    });
    const { items } = await document("audit", "replay", "--position", String(position));
    expect(items).toContainEqual(expect.objectContaining({ aggregate: "task", id: "t-1", version: 1 }));
  });

  test("the feed from its start", async () => {
    const lines = documents(
      await cim("events", "tail", "--json", "--from", "start", "--type", "agent-registered", "--limit", "2"),
    );
    expect(lines).toMatchObject([{ event: "agent-registered" }, { event: "agent-registered" }]);
  });

  test("what somebody else wrote into the log is found: then nothing is called unaltered", async () => {
    const nats = await connect({ servers: backend.url });
    await jetstream(nats).publish("cim.evt.task.t-1", "rubbish");
    await nats.close();
    const { code, stdout } = await cim("audit", "verify");
    expect(code).toBe(1);
    expect(stdout).toMatch(/^ALTERED: \d+ commits, \d+ events\nthe first that does not fit: position \d+: /);
    expect(stdout).not.toContain("unaltered");
  });
});

describe("watching", () => {
  test.each([
    [["agents", "list", "--watch"]],
    [["agents", "get", "security", "--watch"]],
    [["events", "tail", "--from", "start"]],
  ])("cim %j ends with 130 on Ctrl-C", async (args) => {
    const child = start([...args, "--nats", backend.url]);
    let errors = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      errors += text;
    });
    child.stdout.once("data", () => child.kill("SIGINT"));
    const code = await new Promise((resolve) => child.once("close", resolve));
    expect({ code, errors }).toEqual({ code: 130, errors: "" });
  });
});

describe("cim up", () => {
  test("on a store in use says who uses it", async () => {
    const { code, stderr } = await run(["up", "--port", "0", "--store", store(folder)]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/is in use by another nats-server .*--store/);
  });

  test("on a port in use says what to do", async () => {
    const port = new URL(backend.url).port;
    const { code, stderr } = await run(["up", "--port", port, "--store", join(folder, "other")]);
    expect(code).toBe(1);
    expect(stderr).toContain(`port ${port} is already in use: choose another with --port`);
  });

  test("ends with 0 on SIGTERM, and finds its data again", async () => {
    expect(await backend.stop()).toBe(0);
    // An earlier test writes rubbish into the log. Whether the backend has read it by now depends on the load.
    const damage = /position \d+ of the log: it is not JSON in UTF-8: task t-1 can only be read from now on/;
    // A machine that stands still for a while loses its leases, and has its clock set.
    const stoodStill = /lost the lease|the clocks? of this machine/;
    const others = backend
      .errors()
      .split("\n")
      .filter((line) => line !== "" && !damage.test(line) && !stoodStill.test(line));
    expect(others).toEqual([]);
    backend = await startBackend("--port", "0", "--store", store(folder), "--no-agents");
    expect(await document("tasks", "get", "t-1")).toMatchObject({ status: "cancelled" });
  });
});

describe("cim demo", () => {
  test("succeeds, rolls back, and says so in one summary", async () => {
    const ended = await run(["demo", "--json", "--store", join(folder, "demo"), "--fail", "activation-fails:leaf-1"]);
    expect(ended.code).toBe(0);
    const summary = documents(ended).at(-1);
    expect(summary).toMatchObject({
      type: "summary",
      ok: true,
      deployments: [{ status: "succeeded" }, { status: "rolled-back" }],
    });
    const [first, second] = summary?.deployments ?? [];
    const closures = (deployment: Deployment | undefined) => deployment?.hosts.map(({ id, closure }) => [id, closure]);
    expect(closures(second)).toEqual(closures(first));
    expect(await readFile(join(folder, "demo/server/nats-server.conf"), "utf8")).toContain("sync_interval: always");
  });

  test("closed too, it fails where nothing fails", async () => {
    const ended = await run(["demo", "--json", "--secure", "--fail", "nobody@leaf-1"]);
    expect(ended.code).toBe(1);
    expect(documents(ended).at(-1)).toMatchObject({ ok: false, deployments: [{}, { status: "succeeded" }] });
  });
});
