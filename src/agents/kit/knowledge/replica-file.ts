import { hash } from "node:crypto";
import { appendFile, readFile, rename, writeFile } from "node:fs/promises";
import { Schema } from "effect";
import { KnowledgeBase } from "../../../domain/knowledge/knowledge-base.ts";
import { Policy } from "../../../domain/knowledge/policy.ts";
import { Entry } from "../../../domain/knowledge/record.ts";
import { isSpaceEvent, type LoggedEvent } from "./log-reader.ts";
import type { ReplicaState } from "./replica-state.ts";

/**
 * A replica's file: JSON lines, each behind the first 16 hex digits of its SHA-256. What the replica joined with comes
 * first, then events of the log as they came, and own changes that may not be in the log yet.
 */
const Line = Schema.Union([
  Schema.Struct({ is: Schema.Literal("base"), entry: Entry }),
  Schema.Struct({ is: Schema.Literal("joined"), version: Schema.Int, position: Schema.Int, policy: Policy }),
  Schema.Struct({
    is: Schema.Literal("event"),
    version: Schema.Int,
    position: Schema.Int,
    event: Schema.Struct({ type: Schema.String, data: Schema.Unknown }),
  }),
  Schema.Struct({ is: Schema.Literal("own"), entry: Entry }),
  Schema.Struct({ is: Schema.Literal("dropped"), id: Schema.String }),
]);
type Line = typeof Line.Type;
const isLine = Schema.is(Line);

const checksum = (json: string): string => hash("sha256", json).slice(0, 16);

const lineText = (line: Line): string => {
  const json = JSON.stringify(line);
  return `${checksum(json)} ${json}\n`;
};

const parse = (text: string): Line | undefined => {
  const json = text.slice(17);
  if (text[16] !== " " || checksum(json) !== text.slice(0, 16)) return undefined;
  const line: unknown = JSON.parse(json);
  return isLine(line) ? line : undefined;
};

const linesOf = (text: string) => {
  const texts = text.split("\n");
  // A line that is not ended was being written when the process died.
  const torn = texts.pop() !== "";
  const lines = texts.map(parse);
  return { lines: lines.filter((line) => line !== undefined), damaged: lines.includes(undefined), torn };
};

/**
 * Restores a state from the text of a file. If a line is damaged or the lines do not fit together, the state has only
 * own changes, and the log must be read from its start. A file that is not intact must be rewritten before a line is
 * added.
 */
export const restoreState = (state: ReplicaState, text: string): "intact" | "torn" | "damaged" => {
  const { lines, damaged, torn } = linesOf(text);
  const joined = lines.findLast((line) => line.is === "joined");
  let whole = !damaged;
  if (whole && joined !== undefined) {
    const base = new KnowledgeBase();
    for (const line of lines) if (line.is === "base") base.add(line.entry);
    state.join({ ...joined, base });
  }
  for (const line of lines)
    if (line.is === "event" && whole) {
      const { version, position, event } = line;
      whole = isSpaceEvent(event) && ["taken", "known"].includes(state.take({ version, position, event }));
    }
  if (!whole) state.leave();
  const dropped = new Set(lines.flatMap((line) => (line.is === "dropped" ? [line.id] : [])));
  for (const line of lines)
    if (line.is === "own" && !dropped.has(line.entry.id) && !state.has(line.entry.id)) state.restore(line.entry);
  if (!whole) return "damaged";
  return torn ? "torn" : "intact";
};

/** Returns the text of a file that has the whole state. */
export const stateText = (state: ReplicaState): string => {
  const { version, position, policy } = state;
  return [
    ...[...state.confirmed()].map((entry) => lineText({ is: "base", entry })),
    lineText({ is: "joined", version, position, policy }),
    ...state.outbox.map(({ entry }) => lineText({ is: "own", entry })),
  ].join("");
};

/** Keeps a replica over a restart. Writes are done in their order. */
export class ReplicaFile {
  readonly #path: string;
  #writing: Promise<void> = Promise.resolve();

  constructor(path: string) {
    this.#path = path;
  }

  /** Returns the text of the file; empty if there is none. */
  async read(): Promise<string> {
    return readFile(this.#path, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return "";
      throw error;
    });
  }

  event({ version, position, event }: LoggedEvent): Promise<void> {
    // The log has the event, so it need not be on the disk at once.
    return this.#append(lineText({ is: "event", version, position, event }), false);
  }

  own(entry: Entry): Promise<void> {
    return this.#append(lineText({ is: "own", entry }));
  }

  dropped(id: string): Promise<void> {
    return this.#append(lineText({ is: "dropped", id }));
  }

  /** Replaces the file by one with the present state. */
  rewrite(state: ReplicaState): Promise<void> {
    const text = stateText(state);
    return this.#then(async () => {
      await writeFile(`${this.#path}.new`, text, { flush: true });
      await rename(`${this.#path}.new`, this.#path);
    });
  }

  /** Resolves when all lines so far are written. */
  written(): Promise<void> {
    return this.#writing;
  }

  #append(text: string, flush = true): Promise<void> {
    return this.#then(() => appendFile(this.#path, text, { flush }));
  }

  #then(work: () => Promise<void>): Promise<void> {
    this.#writing = this.#writing.then(work);
    return this.#writing;
  }
}
