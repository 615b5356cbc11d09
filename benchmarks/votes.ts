import { type Client, connect, newSeed, signerOf } from "../src/agents/kit/mod.ts";
import { eventually } from "./support/eventually.ts";
import { type Leaf, onLeaf } from "./support/leaf.ts";
import { median, milliseconds, report } from "./support/measurement.ts";

/**
 * How long a vote takes: from the submission of a proposal until it is approved, where ten agents hear of it in their
 * inboxes and approve at once. By simple majority the vote ends early, with the sixth ballot. `thousand-signed` is a
 * vote that needs all of a thousand voters, each of whom signs with a key of their own: from its submission until it
 * is approved.
 */
const voters = 10;
const runs = 50;
const warmUp = 60;
const atOnce = 50;
const manyVoters = 1000;

const isApproved = ({ status }: { readonly status?: unknown }): boolean =>
  status === "approved" || status === "enacted";

const decide = async (client: Client, id: string): Promise<void> => {
  await client.command("proposal", id, "submit", { kind: "benchmark", title: id, subject: { digest: id } });
  await eventually(client, "proposals", id, isApproved);
};

/** So many at a time, each followed by the next one: more would only wait, and be asked again. */
const inTurns = async <T>(items: ReadonlyArray<T>, perform: (item: T) => Promise<unknown>): Promise<void> => {
  const left = [...items];
  const work = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await perform(item);
  };
  await Promise.all(Array.from({ length: 64 }, work));
};

/** A vote of many, each with a connection and a key of their own. */
const thousandSigned = async ({ backend, client, idle }: Leaf): Promise<number> => {
  const names = Array.from({ length: manyVoters }, (_, index) => `voter-${index}`);
  const clients: Array<Client> = [];
  await inTurns(names, async (principal) => {
    clients.push(await connect({ servers: backend.url, principal, signer: signerOf(newSeed()) }));
  });
  await inTurns(clients, ({ principal, publicKey, command }) =>
    command("agent", principal, "register", { capabilities: [], publicKey }),
  );
  await idle();
  const took = await milliseconds(async () => {
    const rules = { protocol: "unanimous", signedBallots: true, electorate: names };
    await client.command("proposal", "signed", "submit", { kind: "benchmark", title: "signed", subject: {}, ...rules });
    await inTurns(clients, ({ command }) => command("proposal", "signed", "vote", { choice: "approve" }));
    await eventually(client, "proposals", "signed", isApproved);
  });
  await Promise.all(clients.map((one) => one.close()));
  return took;
};

await onLeaf(async (leaf) => {
  const { client, startAgents } = leaf;
  const agents = await startAgents(voters, {
    capabilities: ["vote"],
    onProposal: async ({ proposal }, { client: voter }) => {
      // Whoever comes after the decision is told so, which is none of our business here.
      await voter.command("proposal", proposal.id, "vote", { choice: "approve" }).catch(() => undefined);
    },
  });
  for (const { id } of agents) await eventually(client, "agents", id, ({ status }) => status === "online");

  const took: Array<number> = [];
  for (let run = 0; run < warmUp + runs; run++) {
    const one = await milliseconds(() => decide(client, `one-${run}`));
    if (run >= warmUp) took.push(one);
  }
  report({ name: "ten-agents", unit: "ms", value: median(took) });

  const all = await milliseconds(() =>
    Promise.all(Array.from({ length: atOnce }, (_, index) => decide(client, `many-${index}`))),
  );
  report({ name: "fifty-proposals", unit: "s", value: all / 1000 });

  report({ name: "thousand-signed", unit: "s", value: (await thousandSigned(leaf)) / 1000 });
});
