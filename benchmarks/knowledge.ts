import { measureJoin } from "./knowledge/joining.ts";
import { measurePropagation } from "./knowledge/propagation.ts";
import { measureQuestions } from "./knowledge/questions.ts";
import { measureWrites } from "./knowledge/writes.ts";
import { onLeaf } from "./support/leaf.ts";

/**
 * How fast knowledge is spread, found, joined and written. Spreading is compared with a bare publish to the same number
 * of subscribers, and writing with yjs alone.
 */
await measureWrites();
await measureQuestions();
await onLeaf(measurePropagation);
await measureJoin();
