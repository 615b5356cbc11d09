import { hash } from "node:crypto";
import type { KnowledgeRecord } from "../../src/domain/knowledge/record.ts";

export const sha256 = (text: string): string => hash("sha256", text);

const words = ["orders", "payment", "mail", "search", "session", "report", "billing", "queue", "stock", "login"];

/** Facts about an installation: services on hosts, their dependencies, and their health. */
export const said = (index: number) => {
  const service = `${words[index % words.length]}-${Math.floor(index / 10)}`;
  switch (index % 3) {
    case 0:
      return { subject: service, predicate: "runs-on", object: `leaf-${index % 97}` };
    case 1:
      return {
        subject: service,
        predicate: "depends-on",
        object: `${words[(index * 7) % words.length]}-${index % 500}`,
      };
    default:
      return { subject: service, predicate: "engine", object: index % 2 === 0 ? "postgresql" : "redis" };
  }
};

/** The millisecond of the benchmarks' year in which a fact is asserted. */
export const instantOf = (index: number): string => new Date(Date.UTC(2026, 0, 1) + index).toISOString();

export const factOf = (index: number): KnowledgeRecord => ({
  kind: "fact",
  ...said(index),
  confidence: 1,
  author: `agent-${index % 7}`,
  stamp: `${instantOf(index)}-00000`,
});
