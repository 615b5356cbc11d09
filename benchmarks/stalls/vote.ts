import { onLeaf } from "../support/leaf.ts";
import { stallsOf } from "./watch.ts";

const size = 1_000;
const width = 64;

/** A vote of many voters, each of whom has a condition. All must agree, so that it ends with the last ballot. */
export const measureVote = (): Promise<void> =>
  onLeaf(async (leaf) => {
    const { client } = leaf;
    const measure = await stallsOf(leaf);
    const voters = Array.from({ length: size }, (_, index) => `voter-${index}`);
    const proposal = {
      kind: "benchmark",
      title: "a large vote",
      subject: { digest: "x" },
      protocol: "unanimous" as const,
      electorate: voters,
    };
    await measure("vote-1000", async () => {
      await client.command("proposal", "large", "submit", proposal);
      const left = [...voters];
      const vote = async () => {
        for (let voter = left.shift(); voter !== undefined; voter = left.shift()) {
          const ballot = { choice: "approve", conditions: [{ text: `${voter} wants it to be looked at again` }] };
          const answer = await client.nats.request(`cim.cmd.${voter}.proposal.large.vote`, JSON.stringify(ballot), {
            timeout: 60_000,
          });
          if (!answer.json<{ readonly ok: boolean }>().ok) throw new Error(`a ballot was refused: ${answer.string()}`);
        }
      };
      await Promise.all(Array.from({ length: width }, vote));
    });
  });
