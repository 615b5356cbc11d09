import type { FeedEvent } from "../../src/agents/kit/feed.ts";
import { isObject, type JsonObject } from "../../src/agents/kit/json.ts";
import type { AgentOptions, Client } from "../../src/agents/kit/mod.ts";
import { startReviewer } from "../../src/agents/reviewers/reviewer.ts";
import { defined } from "../../src/domain/kernel/mod.ts";
import { conditionalPublisher } from "./bare-publisher.ts";
import { eventually } from "./eventually.ts";
import { onLeaf } from "./leaf.ts";
import { eachOf, median, quantile, report } from "./measurement.ts";

/**
 * What the second round of a vote costs, from the end of the first one until the feed shows that the vote approved.
 * Ten agents decide on a deployment. One of them is the reference agent for security: it offers to encrypt a connection,
 * votes on that condition, and reviews what comes of it. The nine others approve at once.
 *
 * - `round`: their ballots stand for what was offered, and are carried over.
 * - `round-again`: they are asked again, and answer at once.
 *
 * The floor is the time of as many bare conditional publishes as there were commits meanwhile, one after the other.
 */
const others = 9;
const warmUp = 15;
const runs = 25;

const graphOf = (id: string): JsonObject => ({
  id,
  nodes: [
    ...["front", "back"].map((host, index) => ({
      id: `${id}-${host}`,
      type: "host",
      system: "x86_64-linux",
      address: `10.0.0.${index + 1}`,
      rootDevice: "/dev/vda1",
    })),
    { id: `${id}-web`, type: "service", command: "/run/current-system/sw/bin/web", port: 8080 },
    { id: `${id}-db`, type: "database", engine: "postgresql" },
  ],
  edges: [
    { from: `${id}-web`, to: `${id}-front`, type: "runs-on" },
    { from: `${id}-db`, to: `${id}-back`, type: "runs-on" },
    { from: `${id}-web`, to: `${id}-db`, type: "connects-to", port: 5432, protocol: "tcp" },
  ],
});

/** A moment of a vote: when the feed showed it, and its place in the log. */
interface Seen {
  readonly at: number;
  readonly position: number;
}

/** The second round of a vote. */
interface Round {
  readonly milliseconds: number;
  readonly commits: number;
}

const endings = ["proposal-approved", "proposal-rejected", "proposal-vetoed", "proposal-expired", "proposal-cancelled"];

/** Follows the votes. Returns a function that requests a deployment and waits until its vote is over. */
const followRounds = (client: Client, signal: AbortSignal) => {
  const waiting = new Map<string, (event: FeedEvent, seen: Seen) => void>();
  const follow = async () => {
    for await (const event of client.feed({ aggregate: "proposal", from: "start" }, signal))
      waiting.get(event.aggregateId)?.(event, { at: performance.now(), position: Number(event.sequence) });
  };
  const ended = follow();
  return async (id: string): Promise<Round> => {
    const round = new Promise<Round>((resolve, reject) => {
      let first: Seen | undefined;
      waiting.set(id, ({ event }, seen) => {
        if (event === "round-ended") first ??= seen;
        if (!endings.includes(event)) return;
        if (event !== "proposal-approved" || first === undefined)
          reject(new Error(`the vote on ${id} ended with ${event}, and not with a second round that approves`));
        else resolve({ milliseconds: seen.at - first.at, commits: seen.position - first.position });
      });
    });
    await client.command<string, string>("graph", id, "import", graphOf(id));
    await client.command("deployment", id, "request", { graph: id, target: "simulated" });
    const took = await Promise.race([round, ended]);
    // Nobody deploys here.
    await client.command("deployment", id, "cancel", { reason: "measured" });
    if (took === undefined) throw new Error("the feed has ended");
    return took;
  };
};

/** An agent that finds nothing, and approves what it is asked about. What comes too late is refused, and not measured. */
const approving = (acceptsRemedies: boolean): Omit<AgentOptions, "client" | "id"> => ({
  capabilities: ["review"],
  onTurn: async ({ data }, { client }) => {
    if (!isObject(data)) return;
    const review = { revision: String(data.graphDigest), findings: [] };
    await client.command("deployment", String(data.deployment), "review", review).catch(() => undefined);
  },
  onProposal: async (opened, { client }) => {
    if (opened.kind === "round-opened" && opened.carried) return;
    const { id, round } = opened.proposal;
    const ballot = defined({ choice: "approve", acceptsRemedies, round } as const);
    await client.command("proposal", id, "vote", ballot).catch(() => undefined);
  },
});

/** The measured rounds of one kind. */
const measure = (name: string, acceptsRemedies: boolean): Promise<void> =>
  onLeaf(async ({ client, open, idle, makeVoters, startAgents }) => {
    const ids = Array.from({ length: others }, (_, index) => `agent-${index}`);
    await makeVoters(ids);
    const security = await startReviewer({ client: await open("security"), id: "security", topic: "security" });
    await startAgents(others, approving(acceptsRemedies));
    for (const id of ["security", ...ids]) await eventually(client, "agents", id, ({ status }) => status === "online");
    const over = new AbortController();
    const decide = followRounds(client, over.signal);
    for (let run = 0; run < warmUp; run++) await decide(`warm-${run}`);
    const rounds: Array<Round> = [];
    for (let run = 0; run < runs; run++) rounds.push(await decide(`round-${run}`));
    over.abort();
    await security.stop();
    await idle();
    const publish = await conditionalPublisher(client.nats);
    const commits = median(rounds.map((one) => one.commits));
    const floors = await eachOf(runs, async () => {
      for (let commit = 0; commit < commits; commit++) await publish("round");
    });
    const took = rounds.map((one) => one.milliseconds);
    report({
      name,
      unit: "ms",
      value: median(took),
      floor: median(floors),
      p50: median(took),
      p99: quantile(took, 0.99),
    });
  });

/** Measures second rounds. */
export const measureRounds = async (): Promise<void> => {
  await measure("round", true);
  await measure("round-again", false);
};
