import { measureJoin } from "./knowledge/joining.ts";
import { measurePropagation } from "./knowledge/propagation.ts";
import { measureQuestions } from "./knowledge/questions.ts";
import { measureWrites } from "./knowledge/writes.ts";
import { onLeaf } from "./support/leaf.ts";

/**
 * How fast knowledge spreads, is found, is joined and is written. Spreading stands beside a bare publish to as many
 * subscribers, writing beside yjs alone.
 */
await measureWrites();
await measureQuestions();
await onLeaf(measurePropagation);
await measureJoin();
