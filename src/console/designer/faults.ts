import { Option, Result, Schema } from "effect";
import { complaintsOf } from "../../domain/graph/complaints.ts";
import { Edge } from "../../domain/graph/edge.ts";
import { Node } from "../../domain/graph/node.ts";
import { edgeTypeNames, nodeTypeNames } from "../../domain/graph/types.ts";
import type { Element, Path } from "./draft.ts";

const strict = { errors: "all", onExcessProperty: "error" } as const;
const decodeNode = Schema.decodeUnknownResult(Node, strict);
const decodeEdge = Schema.decodeUnknownResult(Edge, strict);

/** The name of a place in a node or edge, as {@link faultsOf} has it. */
export const placeOf = (path: Path): string => path.join(".");

/** What is wrong with the form of a node or edge, by the place of each field: the sentences of the domain. */
export const faultsOf = ({ kind, fields }: Element): ReadonlyMap<string, string> => {
  const failure = kind === "node" ? Result.getFailure(decodeNode(fields)) : Result.getFailure(decodeEdge(fields));
  if (Option.isNone(failure)) return new Map();
  const complaints = complaintsOf(failure.value, fields, kind === "node" ? nodeTypeNames : edgeTypeNames);
  return new Map(
    complaints.map(({ path, text }) => [
      path.map(String).join("."),
      // The label beside it names the field.
      text.replace(/^field `[^`]*`:? /, ""),
    ]),
  );
};
