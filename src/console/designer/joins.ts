import { edgeTypes, type Side } from "../../domain/graph/edge.ts";
import type { EdgeType } from "../../domain/graph/types.ts";

const fits = (side: Side, type: string): boolean =>
  side === "any" || (side === "any but host" ? type !== "host" : side === type);

/** Whether an edge of a type may lead from a node of one type to a node of another. */
export const mayJoin = (type: EdgeType, from: string, to: string): boolean =>
  fits(edgeTypes[type].from, from) && fits(edgeTypes[type].to, to);
