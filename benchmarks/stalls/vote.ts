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
    const ask = async (subject: string, payload: object) => {
      const answer = await client.nats.request(subject, JSON.stringify(payload), { timeout: 60_000 });
      if (!answer.json<{ readonly ok: boolean }>().ok) throw new Error(`${subject} was refused: ${answer.string()}`);
    };
    const forAll = async (each: (voter: string) => Promise<void>) => {
      const left = [...voters];
      const lane = async () => {
        for (let voter = left.shift(); voter !== undefined; voter = left.shift()) await each(voter);
      };
      await Promise.all(Array.from({ length: width }, lane));
    };
    await forAll((voter) => ask(`cim.cmd.admin.principal.${voter}.grant`, { roles: ["voter"] }));
    const proposal = {
      kind: "benchmark",
      title: "a large vote",
      subject: { digest: "x" },
      protocol: "unanimous" as const,
      electorate: voters,
    };
    await measure("vote-1000", async () => {
      await client.command("proposal", "large", "submit", proposal);
      await forAll((voter) => {
        const conditions = [{ text: `${voter} wants it to be looked at again` }];
        return ask(`cim.cmd.${voter}.proposal.large.vote`, { choice: "approve", conditions });
      });
    });
  });
