import { jetstreamManager } from "@nats-io/jetstream";
import type { JsonObject } from "../src/agents/kit/json.ts";
import { type Client, connect, newSeed, signerOf } from "../src/agents/kit/mod.ts";
import { defined } from "../src/domain/kernel/mod.ts";
import { conditionalPublisher } from "./support/bare-publisher.ts";
import { eventually } from "./support/eventually.ts";
import { type Leaf, onLeaf } from "./support/leaf.ts";
import { median, milliseconds, quantile, report, throughput } from "./support/measurement.ts";
import { measureRounds } from "./support/rounds.ts";

/**
 * How long a vote takes, from the submission of a proposal until the feed shows that it is approved. Ten agents get it
 * in their inboxes and approve at once. By simple majority the vote ends early, with the sixth ballot.
 * `thousand-signed` needs all of a thousand voters, and each signs with a key of their own. The floor of
 * `fifty-proposals` is the time of as many bare conditional publishes as there were commits.
 */
const voters = 10;
const runs = 50;
const warmUp = 60;
const atOnce = 50;
const manyVoters = 1000;
const width = 64;

const isOnline = ({ status }: { readonly status?: unknown }): boolean => status === "online";

/** Follows the feed. Returns functions that submit a proposal and wait until it is approved. */
const followDecisions = (client: Client, signal: AbortSignal) => {
  const waiting = new Map<string, () => void>();
  const follow = async () => {
    const wanted = { aggregate: "proposal", type: "proposal-approved", from: "start" } as const;
    for await (const { aggregateId } of client.feed(wanted, signal)) waiting.get(aggregateId)?.();
  };
  const ended = follow();
  const approved = (id: string) => new Promise<void>((resolve) => waiting.set(id, resolve));
  return async (id: string, rules: JsonObject = {}, vote?: () => Promise<unknown>): Promise<void> => {
    const decided = approved(id);
    await client.command("proposal", id, "submit", { kind: "benchmark", title: id, subject: { digest: id }, ...rules });
    await vote?.();
    await Promise.race([decided, ended]);
  };
};

type Decide = ReturnType<typeof followDecisions>;

/** How many are under way at a time. More would only wait and be sent again. */
const inTurns = async <T>(items: ReadonlyArray<T>, perform: (item: T) => Promise<unknown>): Promise<void> => {
  const left = [...items];
  const work = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await perform(item);
  };
  await Promise.all(Array.from({ length: width }, work));
};

/** A vote of many voters, each with a connection and a key of their own. */
const thousandSigned = async ({ backend, idle, makeVoters }: Leaf, decide: Decide): Promise<number> => {
  const names = Array.from({ length: manyVoters }, (_, index) => `voter-${index}`);
  const clients: Array<Client> = [];
  await makeVoters(names);
  await inTurns(names, async (principal) => {
    clients.push(await connect({ servers: backend.url, principal, signer: signerOf(newSeed()) }));
  });
  await inTurns(clients, ({ principal, publicKey, command }) =>
    command("agent", principal, "register", { capabilities: [], ...defined({ publicKey }) }),
  );
  await idle();
  const rules = { protocol: "unanimous", signedBallots: true, electorate: names };
  const vote = () => inTurns(clients, ({ command }) => command("proposal", "signed", "vote", { choice: "approve" }));
  const took = await milliseconds(() => decide("signed", rules, vote));
  await Promise.all(clients.map((one) => one.close()));
  return took;
};

await onLeaf(async (leaf) => {
  const { client, startAgents } = leaf;
  const over = new AbortController();
  const decide = followDecisions(client, over.signal);
  await leaf.makeVoters(Array.from({ length: voters }, (_, index) => `agent-${index}`));
  const agents = await startAgents(voters, {
    capabilities: ["vote"],
    onProposal: async ({ proposal }, { client: voter }) => {
      // Ballots after the decision are refused, which is not measured here.
      await voter.command("proposal", proposal.id, "vote", { choice: "approve" }).catch(() => undefined);
    },
  });
  for (const { id } of agents) await eventually(client, "agents", id, isOnline);

  const took: Array<number> = [];
  for (let run = 0; run < warmUp + runs; run++) {
    const one = await milliseconds(() => decide(`one-${run}`));
    if (run >= warmUp) took.push(one);
  }
  report({ name: "ten-agents", unit: "ms", value: median(took), p50: median(took), p99: quantile(took, 0.99) });

  const manager = await jetstreamManager(client.nats);
  const commits = async () => (await manager.streams.info("CIM_EVENTS")).state.last_seq;
  const publish = await conditionalPublisher(client.nats);
  await leaf.idle();
  const before = await commits();
  const all = await milliseconds(() =>
    Promise.all(Array.from({ length: atOnce }, (_, index) => decide(`many-${index}`))),
  );
  await leaf.idle();
  const needed = (await commits()) - before;
  const floor = needed / (await throughput(needed, width, (index) => publish(`l${index % width}`)));
  report({ name: "fifty-proposals", unit: "s", value: all / 1000, floor });

  report({ name: "thousand-signed", unit: "s", value: (await thousandSigned(leaf, decide)) / 1000 });
  over.abort();
});
await measureRounds();
