import type { Finding } from "../../domain/deployment/review.ts";
import type { GraphChange } from "../../domain/graph/contract.ts";
import type { GraphDocument } from "../../domain/graph/document.ts";
import type { Node } from "../../domain/graph/node.ts";
import { type Survey, surveyOf } from "../../domain/graph/survey.ts";
import { type Topology, topologyOf } from "../../domain/nix/topology.ts";
import { withRemediesThatApply } from "./remedies.ts";

/** A graph as the rules see it: indexed for questions about it, and surveyed for the rules of the graph format. */
export interface Reviewed extends Topology {
  readonly survey: Survey;
}

/** One rule of a reviewer: what it finds in a graph. Pure, and only asked about valid graphs. */
export type Rule = (graph: Reviewed) => ReadonlyArray<Finding>;

/** Everything that the rules find in a graph, in the order of the rules, then of the ids; with remedies that apply. */
export const review = (rules: ReadonlyArray<Rule>, document: GraphDocument): ReadonlyArray<Finding> => {
  const graph = { ...topologyOf(document), survey: surveyOf(document) };
  return withRemediesThatApply(
    document,
    rules.flatMap((rule) => rule(graph)),
  );
};

/** What a finding is about, and what would mend it. */
interface Subject {
  readonly nodes?: ReadonlyArray<string>;
  readonly edges?: ReadonlyArray<string>;
  readonly changes?: ReadonlyArray<GraphChange>;
}

export const finding = (
  rule: string,
  severity: Finding["severity"],
  message: string,
  { nodes = [], edges = [], changes }: Subject,
): Finding => ({ rule, severity, nodes, edges, message, ...(changes === undefined ? {} : { changes }) });

/** The nodes of one type, in the order of their ids. */
export const nodesOf = <T extends Node["type"]>(graph: Topology, type: T): ReadonlyArray<Extract<Node, { type: T }>> =>
  [...graph.nodes.values()].filter((node): node is Extract<Node, { type: T }> => node.type === type);

/** The nodes that use a node: they depend on it, connect to it, balance to it, or use its topics. */
export const usersOf = (graph: Topology, id: string): ReadonlyArray<string> => {
  const users = [
    ...graph.to(id, "depends-on").filter(({ required }) => required !== false),
    ...graph.to(id, "connects-to"),
    ...graph.to(id, "load-balances"),
    ...graph.to(id, "publishes-to"),
    ...graph.to(id, "subscribes-to"),
  ];
  return [...new Set(users.map(({ from }) => from))].sort();
};

/** Whether a way from one node to another leads from one host to another somewhere. */
export const crossesHosts = (
  graph: Topology,
  { from, to }: { readonly from: string; readonly to: string },
): boolean => {
  const there = new Set(graph.hostsOf(to).map(({ id }) => id));
  return graph.hostsOf(from).some(({ id }) => !there.has(id));
};

/** Ids as a list in a sentence. */
export const quoted = (ids: ReadonlyArray<string>): string => ids.map((id) => `\`${id}\``).join(", ");
