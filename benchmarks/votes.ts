import type { Client } from "../src/agents/kit/mod.ts";
import { eventually } from "./support/eventually.ts";
import { onLeaf } from "./support/leaf.ts";
import { median, milliseconds, report } from "./support/measurement.ts";

/**
 * How long a vote takes: from the submission of a proposal until it is approved, where ten agents hear of it in their
 * inboxes and approve at once. By simple majority the vote ends early, with the sixth ballot.
 */
const voters = 10;
const runs = 50;
const warmUp = 10;
const atOnce = 50;

const decide = async (client: Client, id: string): Promise<void> => {
  await client.command("proposal", id, "submit", { kind: "benchmark", title: id, subject: { digest: id } });
  await eventually(client, "proposals", id, ({ status }) => status === "approved" || status === "enacted");
};

await onLeaf(async ({ client, startAgents }) => {
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
});
