import { onLeaf } from "../support/leaf.ts";
import { stallsOf } from "./watch.ts";

const size = 1_000;
const turns = 10;

/** A dialog of as many participants as there may be: it opens, and each turn goes to everybody. */
export const measureDialog = (): Promise<void> =>
  onLeaf(async (leaf) => {
    const { client } = leaf;
    const measure = await stallsOf(leaf);
    const participants = Array.from({ length: size }, (_, index) => `participant-${index}`);
    const opening = { type: "group" as const, topic: "everybody", participants };
    await measure("dialog-open", () => client.command("dialog", "all", "open", opening));
    await measure("dialog-talk", async () => {
      for (let turn = 0; turn < turns; turn++) await client.command("dialog", "all", "say", { text: `turn ${turn}` });
    });
  });
