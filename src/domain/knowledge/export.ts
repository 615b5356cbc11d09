import type { KnowledgeBase } from "./knowledge-base.ts";
import { recordText } from "./record.ts";

/** The canonical export of a space: the canonical text of each record, a line each, in the order of their ids. */
export const canonicalExport = (base: KnowledgeBase): string =>
  [...base.entries()]
    .sort((one, other) => (one.id < other.id ? -1 : 1))
    .map(({ record }) => `${recordText(record)}\n`)
    .join("");
