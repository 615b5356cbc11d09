import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { HostReasons } from "../../../src/contract/views/hosts.ts";
import { type BackendProcess, startBackend } from "../../support/backend-process.ts";
import { root, cim as run } from "./cim.ts";

const timing = ["--discussion-seconds", "2", "--voting-seconds", "10", "--monitor-seconds", "1"];
const check = '{"kind": "tcp", "intervalSeconds": 0.1, "timeoutSeconds": 1, "retries": 0}';
let folder = "";
let backend: BackendProcess;

const cim = (...args: ReadonlyArray<string>) => run([...args, "--nats", backend.url]);
const why = async (part: string): Promise<HostReasons> => JSON.parse((await cim("why", part, "--json")).stdout);

/** Commands that must succeed, one after the other. */
const all = async (...commands: ReadonlyArray<ReadonlyArray<string>>) => {
  for (const command of commands) expect(await cim(...command)).toMatchObject({ code: 0 });
};

/** Five services on two hosts; then a sixth on leaf-1 that never comes up, so that all goes back. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cim-why-"));
  backend = await startBackend("--port", "0", "--store", join(folder, "store"), "--fail", "doomed@leaf-1");
  await all(
    ["graph", "import", join(root, "examples/five-services.json"), "--as", "ann"],
    ["graph", "share", "five-services", "--with", "bob", "--as", "ann"],
    ["graph", "share", "five-services", "--with", "eve", "--as", "ann"],
    ["graph", "update-node", "five-services", "--id", "web-api", "--changes", '{"user": "api"}', "--as", "bob"],
    ["deploy", "--graph", "five-services", "--as", "cat", ...timing],
  );
  const doomed = `{"id": "doomed", "type": "service", "command": "/bin/doomed", "port": 9999, "healthCheck": ${check}}`;
  await all(
    ["graph", "add-node", "five-services", "--node", doomed, "--as", "eve"],
    [
      "graph",
      "connect",
      "five-services",
      "--edge",
      '{"from": "doomed", "to": "leaf-1", "type": "runs-on"}',
      "--as",
      "eve",
    ],
  );
  expect(await cim("deploy", "--graph", "five-services", "--as", "eve", ...timing)).toMatchObject({ code: 4 });
});
afterAll(async () => {
  await backend.stop();
  await rm(folder, { recursive: true });
});

describe("cim why", () => {
  test("tells of a host: what runs, who asked, who voted, what was said and who changed the graph", async () => {
    const told = await why("leaf-1");
    expect(told).toMatchObject({
      host: "leaf-1",
      running: { closure: expect.stringContaining("-simulated") },
      deployment: {
        status: "succeeded",
        target: "simulated",
        graph: "five-services",
        requested: { actor: "cat" },
        flake: { files: expect.any(Number) },
        arrival: { closure: told.running?.closure },
        nodes: ["gateway", "web-api"],
      },
      decision: {
        outcome: "approved",
        ballots: expect.arrayContaining([
          expect.objectContaining({ voter: "architecture", choice: "approve", conditions: [expect.anything()] }),
        ]),
      },
      discussion: { turns: expect.arrayContaining([expect.objectContaining({ speaker: "security" })]) },
      amendments: expect.arrayContaining([
        expect.objectContaining({
          voter: "architecture",
          changes: [expect.stringContaining("adds the edge `web-api` connects-to `bus`")],
        }),
      ]),
      rolledBack: [
        {
          status: "rolled-back",
          restored: told.running?.closure,
          requested: { actor: "eve" },
          stop: { reason: expect.any(String), detail: expect.stringContaining("doomed") },
        },
      ],
    });
    expect(told.commits.map(({ actor, command }) => [actor, command])).toEqual([
      ["architecture", "import"],
      ["bob", "update-node"],
      ["ann", "import"],
    ]);
    expect(told.commits[0]?.amends).toBe(told.deployment?.id);
  });

  test("tells of a node what an auditor can look up", async () => {
    const { commits, node } = await why("leaf-1/web-api");
    expect(node).toBe("web-api");
    expect(commits.map(({ actor }) => actor)).toEqual(["architecture", "bob", "ann"]);
    for (const { event, cid, position } of commits) {
      const shown = await cim("audit", "show", event, "--json");
      expect(JSON.parse(shown.stdout)).toMatchObject({ cid, position, aggregate: "graph" });
    }
  });

  test("tells people a story", async () => {
    const { code, stdout, stderr } = await cim("why", "leaf-1/web-api");
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: "identities are not checked here: whoever connects is believed to be who they say\n",
    });
    expect(stdout.split("\n").filter((line) => line.length > 120)).toEqual([]);
    const chapters = stdout.split("\n").filter((line) => /^\S/.test(line));
    expect(chapters).toEqual([
      expect.stringMatching(/^leaf-1 runs [0-9a-z]{8}$/),
      "rolled back since, newest first",
      expect.stringMatching(/^put there by deployment five-services-\w+ \(succeeded, simulated\)$/),
      expect.stringMatching(/^decided by proposal .*: approved \(simple-majority, quorum 1\/2\)$/),
      "amended by conditions of the vote",
      expect.stringMatching(/^discussed in dialog /),
      "what made web-api so in graph five-services, newest first",
    ]);
    expect(stdout).toContain('`web-api`: `user` is "api" (graph.five-services.');
    expect(stdout).toMatch(/^ {6,}on the condition: .*`bus`/m);
  });

  test("says that nobody deployed what runs, and who saw it", async () => {
    const report = ["--closure", "/nix/store/by-hand", "--health", "healthy", "--drift"];
    await all(
      ["agents", "grant", "watch", "monitor", "--as", "admin"],
      ["hosts", "report-state", "leaf-2", ...report, "--as", "watch"],
    );
    expect((await cim("why", "leaf-2")).stdout).toMatch(
      /^leaf-2 runs \/nix\/store\/by-hand\n.*\n {2}DIFFERS: nobody deployed what runs there; watch reported it at 2/,
    );
  });

  test.each([
    ["nowhere", 1, "there is no host `nowhere`"],
    ["leaf-1/postgres", 1, "it is on `leaf-2`: ask there"],
    ["leaf-1/doomed", 1, "ask for one of `gateway`, `web-api`"],
    ["leaf-1/", 2, "write HOST or HOST/NODE"],
  ])("%s ends with %i: %s", async (part, code, message) => {
    const ended = await cim("why", part);
    expect(ended).toMatchObject({ code, stdout: "" });
    expect(ended.stderr).toContain(message);
  });
});

test("a person votes round by round, and `deployments why` tells of each round", async () => {
  const example = await readFile(join(root, "examples/five-services.json"), "utf8");
  const file = join(folder, "rounds.json");
  const own = [
    ["five-services", "rounds"],
    ["leaf-", "row-"],
    ["10.0.0.", "10.7.0."],
  ] as const;
  await writeFile(
    file,
    own.reduce((text, [from, to]) => text.replaceAll(from, to), example),
  );
  const person = ["--capabilities", "review", "--metadata", '{"kind": "person"}'];
  await all(
    ["agents", "grant", "ann", "voter", "--as", "admin"],
    ["agents", "register", "ann", ...person, "--as", "ann"],
  );
  const votes = ["--discussion-seconds", "1", "--voting-seconds", "60", "--monitor-seconds", "1"];
  const asked = await cim("deploy", file, "--no-wait", "--as", "cat", ...votes);
  expect(asked).toMatchObject({ code: 0 });
  const id = asked.stdout.trim();
  const vote = (...more: ReadonlyArray<string>) => cim("vote", id, "approve", ...more, "--as", "ann");
  const until = async (aggregate: string, json: string) => {
    while (!(await cim(aggregate, "get", id, "--json")).stdout.includes(json))
      await new Promise((wake) => setTimeout(wake, 200));
  };
  await until("proposals", '"status":"active"');
  expect(await vote("--round", "1")).toMatchObject({ code: 0 });
  await until("proposals", '"round":2');
  const late = await vote("--round", "1");
  expect(late.code).toBe(1);
  expect(late.stderr).toContain("this is round 2, and the ballot is for round 1");
  expect(late.stderr).toMatch(/round 2 of at most 3; round 1 ended with the conditions: .*bus/);
  const newest = await vote();
  expect(newest).toMatchObject({ code: 0, stderr: expect.stringContaining("round 2 of at most 3") });
  await until("deployments", '"status":"succeeded"');
  const { code, stdout } = await cim("deployments", "why", id);
  const watched = await cim("deployments", "watch", id);
  expect(watched.code).toBe(0);
  expect(watched.stdout).toContain(`${id}: succeeded`);
  expect(code).toBe(0);
  expect(stdout).toMatch(/round 1: .*ann approve/);
  expect(stdout).toContain("round 1 ended with changes of the graph");
  expect(stdout).toMatch(/round 2, the newest: .*ann approve/);
});

test("what looks like a secret is not imported, unless its field is allowed by name", async () => {
  const file = join(folder, "secretive.json");
  const environment = { API_TOKEN: "kJ8x-2Lq9-Zr71-Wm3d-Pt66" };
  const web = { id: "web", type: "service", command: "/bin/web", port: 8080, environment };
  await writeFile(file, JSON.stringify({ id: "secretive", nodes: [web], edges: [] }));
  const refused = await cim("graph", "import", file, "--as", "eve");
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining("API_TOKEN") });
  expect(refused.stderr).not.toContain(environment.API_TOKEN);
  const [, field = ""] = /`([^`]*API_TOKEN)`/.exec(refused.stderr) ?? [];
  expect(await cim("graph", "import", file, "--as", "eve", "--allow-secret-like", field)).toMatchObject({ code: 0 });
});
