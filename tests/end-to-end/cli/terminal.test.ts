import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type Client, connect } from "../../../src/agents/kit/mod.ts";
import { groupsFor } from "../../../src/interfaces/cli/registry.ts";
import { grantRoles } from "../../support/authority.ts";
import { type BackendProcess, startBackend } from "../../support/backend-process.ts";
import { runIn } from "../../unit/interfaces/cli/harness.ts";

/** Everything that draws on a terminal, turns or hides text, or begins a line. */
const evil =
  "A\u001b]52;c;ZXZpbA==\u0007B\u001b[2J\u001b[31mRED\u009b31mC\rD\u202eE\u2066F\u2028H\u200bI\u061cJ\u0085K\u001b]8;;http://evil\u001b\\L\nok    FORGED LINE";
const space = "rumours";

let folder = "";
let backend: BackendProcess;
let client: Client;
let fact = "";

/** Puts the text into every field of every command that takes text. */
const spoil = async () => {
  const give = client.command<string, string>;
  const node = { id: "web", type: "service", command: `/bin/x ${evil}`, port: 8080, environment: { FOO: evil } };
  const host = { id: "leaf-1", type: "host", system: "x86_64-linux", address: "10.0.0.11", labels: { a: evil } };
  const graph = {
    id: "m",
    description: evil,
    nodes: [host, node],
    edges: [{ from: "web", to: "leaf-1", type: "runs-on" }],
  };
  await give("agent", "mal", "register", { name: evil, capabilities: ["plan"], metadata: { [evil]: evil } });
  await give("task", "m", "submit", { type: evil, requiredCapabilities: ["nothing"], payload: { [evil]: evil } });
  await give("task", "m", "cancel", { reason: evil });
  await give("dialog", "m", "open", { type: "group", topic: evil, participants: ["mal", "b"] });
  await give("dialog", "m", "say", { text: evil, data: { [evil]: evil } });
  await give("dialog", "m", "pause", { reason: evil });
  await grantRoles({ servers: backend.url }, ["mal", "b"], "voter", "monitor");
  await give("proposal", "m", "submit", {
    kind: "z",
    title: evil,
    subject: { [evil]: evil },
    electorate: ["mal", "b"],
    votingSeconds: 600,
  });
  await give("proposal", "m", "vote", { choice: "approve", reason: evil, conditions: [{ text: evil }] });
  await give("proposal", "m", "withdraw", { reason: evil });
  const said = { subject: evil, predicate: evil, object: evil };
  await give("knowledge", space, "assert-fact", said);
  await give("knowledge", space, "state-belief", { ...said, reason: evil });
  const { data } = await client.query("knowledge", "facts", { space });
  fact = data.items[0]?.id ?? "";
  await give("graph", "m", "import", graph);
  await give("graph", "m", "import", { ...graph, nodes: [host, { ...node, environment: { BAR: evil } }] });
  await give("host", "m", "report-state", { health: "unhealthy", failing: ["web"], closure: evil });
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cim-terminal-"));
  backend = await startBackend("--port", "0", "--store", join(folder, "store"), "--no-agents");
  client = await connect({ servers: backend.url, principal: "mal" });
  await spoil();
});

afterAll(async () => {
  await client.close();
  await backend.stop();
  await rm(folder, { recursive: true, force: true });
});

const cim = async (words: ReadonlyArray<string>, terminal: boolean) => {
  const argv = [...words, "--nats", backend.url];
  return runIn(await groupsFor(argv), argv, { terminal });
};

/** The words of a command line; `FACT` is the id of a fact. */
const commandLines: ReadonlyArray<ReadonlyArray<string>> = [
  ["agents", "list"],
  ["agents", "get", "mal"],
  ["tasks", "list"],
  ["tasks", "get", "m"],
  ["dialogs", "list"],
  ["dialogs", "get", "m"],
  ["dialogs", "show", "m"],
  ["proposals", "list"],
  ["proposals", "get", "m"],
  ["proposals", "show", "m"],
  ["facts", "list", "--space", space],
  ["facts", "why", "FACT", "--space", space],
  ["facts", "history", "FACT", "--space", space],
  ["facts", "get", "FACT", "--space", space],
  ["facts", "search", "forged", "--space", space],
  ["facts", "near", evil, "--space", space],
  ["facts", "beliefs", "--space", space],
  ["facts", "graph", evil, "--space", space],
  ["facts", "conflict", evil, evil, "--space", space],
  ["facts", "path", evil, "nowhere", "--space", space],
  ["graph", "list"],
  ["graph", "get", "m"],
  ["graph", "show", "m@latest", "--format", "dot"],
  ["graph", "show", "m@latest", "--format", "mermaid"],
  ["graph", "show", "m@latest", "--format", "graphology"],
  ["graph", "show", "m@latest", "--format", "json"],
  ["graph", "validate", "m@latest"],
  ["graph", "diff", "m@latest", "m@latest"],
  ["graph", "render", "m@latest", "--out", `/dev/null/${evil}`],
  ["plan", "m@latest"],
  ["hosts", "list"],
  ["hosts", "get", "m"],
  ["audit", "log"],
  ["audit", "show", "m"],
  ["audit", "show", "dialog.m.2"],
  ["audit", "replay", "graph", "m", "--at", "0s"],
  ["audit", "replay", "--at", "0s"],
  ["audit", "verify"],
  ["events", "tail", "--from", "start", "--limit", "12"],
  ["why", "m"],
  ["agents", "get", evil],
  ["tasks", "cancel", evil],
  ["vote", evil, "approve"],
  ["deployments", "list", "--filter", evil],
  ["graph", "validate", evil],
  [evil],
  ["graph", evil],
];

describe.each([true, false])("on a terminal: %s", (terminal) => {
  test.each(commandLines.map((words) => [words.join(" ").replaceAll(evil, "…"), words] as const))(
    "cim %s prints no text of others that could be taken for the program",
    async (_, words) => {
      const asked = words.map((word) => (word === "FACT" ? fact : word));
      const { stdout, stderr } = await cim(asked, terminal);
      const printed = `${stdout}${stderr}`;
      expect(printed).not.toBe("");
      expect(printed.replaceAll(/\u001b\[\d+m/g, (style) => (terminal ? "" : style)).replaceAll("\n", "")).not.toMatch(
        /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u,
      );
      expect(printed).not.toContain("\u001b[31mRED");
      expect(printed).not.toMatch(/^\s*ok {4}FORGED/m);
    },
  );
});

test.each(commandLines.slice(0, 40).map((words) => [words.join(" ").replaceAll(evil, "…"), words] as const))(
  "cim %s --json prints documents that a terminal shows as they are",
  async (_, words) => {
    const { stdout } = await cim([...words.map((word) => (word === "FACT" ? fact : word)), "--json"], false);
    expect(stdout.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
    for (const line of stdout.split("\n").filter((one) => one !== "")) JSON.parse(line);
  },
);
