import { defined, type Rejection } from "../kernel/mod.ts";
import { describer } from "./change-text.ts";
import type { RecordedGraphEvent } from "./contract.ts";

/** The ends of a commit as versions of its graph. `before` is absent for the first commit. */
export interface CommitEnds {
  readonly before?: number;
  readonly after: number;
}

/** Why a version of a graph cannot be named. */
export type MissingVersion =
  | { readonly is: "version-not-found"; readonly newest: number }
  | { readonly is: "version-inside-commit"; readonly ends: CommitEnds };

/**
 * Returns the refusal of a version. Versions count events, but only the end of a commit can be named. A state inside a
 * commit, such as half an import, was never designed by anyone and must not be deployed.
 */
export const missingVersion = (graph: string, version: number, missing: MissingVersion): Required<Rejection> => {
  const name = `graph \`${graph}\``;
  if (missing.is === "version-not-found")
    return {
      reason: missing.is,
      message: `${name} has no version ${version}; its newest is ${missing.newest}`,
      details: { newest: missing.newest },
    };
  const { before, after } = missing.ends;
  const [within, remedy] =
    before === undefined
      ? ["its first change", `name ${after}`]
      : [`the change of version ${before} to ${after}`, `name ${before} or ${after}`];
  return {
    reason: missing.is,
    message: `${name}: version ${version} lies within ${within} and was never a state of the graph: ${remedy}`,
    details: defined({ before, after }),
  };
};

/** Returns an event about the graph itself in words; undefined if it is about a node or an edge. */
const ofGraph = ({ type, data }: RecordedGraphEvent): string | undefined => {
  switch (type) {
    case "graph-created":
      return "creates the graph";
    case "graph-described":
      return data.description === undefined ? "removes the description" : `describes it: ${data.description}`;
    case "inputs-pinned":
      return `pins ${Object.entries(data.pins)
        .map(([name, reference]) => `${name} to ${reference}`)
        .join(", ")}`;
    case "graph-archived":
      return "archives it";
    case "graph-revived":
      return "revives it";
    case "secret-like-allowed":
      return `allows fields that look like secrets: ${data.fields.join(", ")}`;
    case "graph-shared":
      return `shares it with ${data.with}`;
    case "graph-unshared":
      return `stops sharing it with ${data.with}`;
    case "graph-transferred":
      return `gives it to ${data.to}`;
    default:
      return undefined;
  }
};

/** The maximum length of a commit's line, in characters. */
const lineLength = 200;

/**
 * Returns a function that describes in one line what a commit changed. It must be called with all commits of a graph in
 * order, from the first, because the meaning of an event depends on the earlier ones.
 */
export const commitLines = (): ((events: ReadonlyArray<RecordedGraphEvent>) => string) => {
  const describe = describer();
  return (events) => {
    const texts = events.flatMap((event) => {
      const own = ofGraph(event);
      return own === undefined ? describe(event).map(({ text }) => text) : [own];
    });
    const [first = "nothing", ...others] = texts;
    const more = others.length === 0 ? "" : ` and ${others.length} more ${others.length === 1 ? "change" : "changes"}`;
    const room = lineLength - more.length;
    const letters = [...first];
    return `${letters.length > room ? `${letters.slice(0, room - 1).join("")}…` : first}${more}`;
  };
};
