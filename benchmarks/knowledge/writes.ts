import * as Y from "yjs";
import { ReplicaState } from "../../src/agents/kit/knowledge/replica-state.ts";
import { entryOf } from "../../src/domain/knowledge/record.ts";
import { median, milliseconds, report } from "../support/measurement.ts";
import { factOf, said, sha256 } from "./facts.ts";

const warmUp = 2;
const writeRounds = 20;
const perRound = 2_000;

/**
 * How fast a replica that is cut off takes records, compared with a yjs map that takes as many texts and emits its
 * updates.
 */
export const measureWrites = async (): Promise<void> => {
  const state = new ReplicaState({ author: "bench", sha256, now: () => new Date().toISOString() });
  const document = new Y.Doc();
  let bytes = 0;
  document.on("update", (update: Uint8Array) => {
    bytes += update.length;
  });
  const map = document.getMap("records");
  const text = JSON.stringify(entryOf(factOf(1), sha256));
  const ours: Array<number> = [];
  const bare: Array<number> = [];
  for (let round = -warmUp; round < writeRounds; round++) {
    const first = (round + warmUp) * perRound;
    const own = await milliseconds(async () => {
      for (let index = first; index < first + perRound; index++)
        state.add({ kind: "fact", ...said(index), confidence: 1, source: `event ${index}`, ...state.authorship() });
    });
    const keys = Array.from({ length: perRound }, (_, index) => sha256(`${first + index}`));
    const floor = await milliseconds(async () => {
      for (const key of keys) map.set(key, text);
    });
    if (round < 0) continue;
    ours.push(own);
    bare.push(floor);
  }
  if (bytes === 0) throw new Error("yjs wrote nothing");
  const perSecond = (took: ReadonlyArray<number>) => (perRound / median(took)) * 1000;
  report({ name: "writes", unit: "facts/s", value: perSecond(ours), floor: perSecond(bare) });
};
