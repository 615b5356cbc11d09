import type { Finding } from "../../domain/deployment/review.ts";
import type { Allowance } from "../../domain/graph/allowances.ts";
import type { GraphChange } from "../../domain/graph/contract.ts";
import type { GraphDocument } from "../../domain/graph/document.ts";
import { type GraphIndex, indexOf } from "../../domain/graph/graph-index.ts";
import { defined } from "../../domain/kernel/mod.ts";
import { withRemediesThatApply } from "./remedies.ts";

/**
 * One rule of a reviewer: what it finds in a graph, whose fields that look like secrets were allowed if they are among
 * `secretLike`. Pure, and only asked about valid graphs.
 */
export type Rule = (graph: GraphIndex, secretLike: ReadonlyArray<Allowance>) => ReadonlyArray<Finding>;

/** Everything that the rules find in a graph, in the order of the rules, then of the ids; with remedies that apply. */
export const review = (
  rules: ReadonlyArray<Rule>,
  document: GraphDocument,
  secretLike: ReadonlyArray<Allowance> = [],
): ReadonlyArray<Finding> => {
  const graph = indexOf(document);
  return withRemediesThatApply(
    document,
    rules.flatMap((rule) => rule(graph, secretLike)),
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
): Finding => defined({ rule, severity, nodes, edges, message, changes });

/** The nodes that use a node: they depend on it, connect to it, balance to it, or use its topics. */
export const usersOf = (graph: GraphIndex, id: string): ReadonlyArray<string> => {
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
  graph: GraphIndex,
  { from, to }: { readonly from: string; readonly to: string },
): boolean => {
  const there = new Set(graph.hostsOf(to).map(({ id }) => id));
  return graph.hostsOf(from).some(({ id }) => !there.has(id));
};

/** Whether both ends of a way are on one host and nowhere else: what goes over it never leaves that host. */
export const staysOnOneHost = (
  graph: GraphIndex,
  { from, to }: { readonly from: string; readonly to: string },
): boolean => new Set([from, to].flatMap((id) => graph.hostsOf(id).map((host) => host.id))).size === 1;

/** Ids as a list in a sentence. */
export const quoted = (ids: ReadonlyArray<string>): string => ids.map((id) => `\`${id}\``).join(", ");
