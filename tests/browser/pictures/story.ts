import { connect } from "../../../src/agents/kit/mod.ts";
import type { TestConsole } from "../../support/console.ts";

/** What `cim up` needs for the story: `search` fails its health check, and the monitor leaves what it is told alone. */
export const storyArguments = ["--fail", "search@leaf-1", "--watch-every", "3600"];

const graph = "five-services";
const ended = ["succeeded", "failed", "rolled-back", "rejected", "rollback-failed"];
const timing = { target: "simulated", discussionSeconds: 5, votingSeconds: 20, monitorSeconds: 3 } as const;

/** Requests a deployment of the newest version, and waits for its end. */
const deploy = async ({ client }: TestConsole, id: string) => {
  await client.command("deployment", id, "request", { graph, ...timing });
  for (;;) {
    const { data } = await client.query("deployments", "get", { id });
    if (ended.includes(data.status)) return;
    await new Promise((wake) => setTimeout(wake, 250));
  }
};

/** Speaks for another person. */
const as = async (
  { url }: TestConsole,
  principal: string,
  speak: (client: TestConsole["client"]) => Promise<unknown>,
) => {
  const client = await connect({ servers: url, principal });
  try {
    await speak(client);
  } finally {
    await client.close();
  }
};

/** The second version: a search that will not answer on leaf-1. */
const addSearch = async ({ client }: TestConsole) => {
  const search = {
    id: "search",
    type: "service",
    command: "/run/current-system/sw/bin/search",
    port: 9200,
    healthCheck: { kind: "http", path: "/healthz", intervalSeconds: 5, timeoutSeconds: 2, retries: 3 },
    resources: { cpuCores: 1, memoryMb: 1024 },
  } as const;
  await client.command("graph", graph, "add-node", { node: search });
  await client.command("graph", graph, "connect", { edge: { from: "search", to: "leaf-1", type: "runs-on" } });
  await client.command("graph", graph, "connect", { edge: { from: "web-api", to: "search", type: "depends-on" } });
};

const talk = async (console: TestConsole) => {
  const { client } = console;
  const participants = ["ann", "bert", "cleo"];
  await client.command("dialog", "search", "open", {
    type: "group",
    topic: "Why does search not answer?",
    participants,
  });
  await client.command("dialog", "search", "set-context", { values: { deployment: "shop-2", host: "leaf-1" } });
  await client.command("dialog", "search", "say", {
    text: "shop-2 went back: search did not become healthy on leaf-1.",
  });
  await as(console, "bert", (bert) =>
    bert.command("dialog", "search", "say", {
      text: "It asks the bus on leaf-2 for its index.\nNo edge says so, so the firewall is shut.",
      answers: 1,
    }),
  );
  await as(console, "cleo", (cleo) =>
    cleo.command("dialog", "search", "say", {
      text: "Then give it the edge to the bus, and a vote on it.",
      answers: 2,
    }),
  );
  await client.command("dialog", "search", "hand-off", { to: "bert", reason: "you know the bus" });
};

const vote = async (console: TestConsole) => {
  const { client } = console;
  await client.command("proposal", "search-on-leaf-2", "submit", {
    kind: "change",
    title: "Move search next to the bus, to leaf-2",
    subject: { graph, after: "shop-2" },
    electorate: [{ id: "ann", weight: 2 }, { id: "bert", weight: 2 }, "cleo", "dora", "emil"],
    quorum: "2/3",
    votingSeconds: 3600,
    vetoHolders: ["dora"],
  });
  await as(console, "bert", (bert) =>
    bert.command("proposal", "search-on-leaf-2", "vote", {
      choice: "approve",
      reason: "The index stays on one host.",
      conditions: [{ text: "The bus keeps three days of orders." }],
    }),
  );
  await as(console, "cleo", (cleo) =>
    cleo.command("proposal", "search-on-leaf-2", "vote", {
      choice: "reject",
      reason: "leaf-2 has the database already.",
    }),
  );
};

const learn = async (console: TestConsole) => {
  const { client } = console;
  await client.command("knowledge", "shop", "configure", { singleValued: { "owned-by": "most-trusted" } });
  const facts = [
    ["web-api", "depends-on", "postgres", "the graph"],
    ["gateway", "depends-on", "web-api", "the graph"],
    ["search", "depends-on", "bus", "the logs of leaf-1"],
    ["search", "owned-by", "team-catalog", "a page of the wiki"],
    ["bus", "keeps", "orders", "the graph"],
  ] as const;
  for (const [subject, predicate, object, source] of facts)
    await client.command("knowledge", "shop", "assert-fact", { subject, predicate, object, source });
  await as(console, "bert", (bert) =>
    bert.command("knowledge", "shop", "assert-fact", {
      subject: "search",
      predicate: "owned-by",
      object: "team-platform",
      confidence: 0.7,
      source: "whom the pager calls",
    }),
  );
};

/** A host that nobody has deployed fails; what leaf-2 runs is not what was deployed. */
const drift = async ({ client }: TestConsole) => {
  await client.command("host", "leaf-2", "report-state", {
    health: "healthy",
    drift: true,
    closure: "/nix/store/0q1wz3bmj7l0p9ld5n6xk2rvy4hcs8ga-nixos-system-leaf-2-25.11",
    observed: { failedUnits: [], load: 0.42, disk: { totalBytes: 200e9, freeBytes: 61e9 } },
  });
};

/** A shop is deployed; its second version fails and goes back; people talk, vote and learn about it. */
export const tellStory = async (console: TestConsole): Promise<void> => {
  await console.grant(["ann", "bert", "cleo", "dora", "emil"], "voter");
  await console.grant(["ann"], "monitor");
  await console.importExample();
  await deploy(console, "shop-1");
  await addSearch(console);
  await deploy(console, "shop-2");
  await talk(console);
  await vote(console);
  await learn(console);
  await drift(console);
};
