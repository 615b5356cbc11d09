import type { ForeignHost } from "../../domain/deployment/ownership.ts";
import type { Finding } from "../../domain/deployment/review.ts";

/** The payload of `proposal.vote`. */
export interface Vote {
  readonly choice: "approve" | "reject" | "abstain";
  readonly reason?: string;
  readonly conditions?: ReadonlyArray<{ readonly text: string; readonly changes: NonNullable<Finding["changes"]> }>;
}

/**
 * What a reviewer votes by what it found: a blocking finding without a remedy is a rejection, and everything that should
 * be mended and can be is a condition. In the next round the graph has it, and the reviewer approves.
 *
 * Whether a graph gives a host to another one is not in the graph. The reviewer leaves that to people and abstains:
 * otherwise anybody could take the hosts of others with the approval of programs alone.
 */
export const voteOn = (findings: ReadonlyArray<Finding>, takeOver: ReadonlyArray<ForeignHost> = []): Vote => {
  const blocking = findings.filter(({ severity, changes }) => severity === "blocking" && changes === undefined);
  if (blocking.length > 0)
    return { choice: "reject", reason: blocking.map(({ rule, message }) => `${rule}: ${message}`).join("; ") };
  const conditions = findings.flatMap(({ severity, message, changes }) =>
    severity !== "note" && changes !== undefined ? [{ text: message, changes }] : [],
  );
  if (conditions.length > 0) return { choice: "approve", conditions };
  const [taken] = takeOver;
  if (taken === undefined) return { choice: "approve" };
  const { graph, as, host } = taken;
  return {
    choice: "abstain",
    reason: `a person has to say whether graph \`${graph}\` gives up host \`${as ?? host}\``,
  };
};

/** What a reviewer found, in a sentence. */
export const summaryOf = (topic: string, findings: ReadonlyArray<Finding>): string => {
  const count = (severity: Finding["severity"]) => findings.filter((found) => found.severity === severity).length;
  const parts = [
    [count("blocking"), "blocking"],
    [count("warning"), "to mend"],
    [count("note"), "to know"],
  ] as const;
  const found = parts.filter(([number]) => number > 0).map(([number, what]) => `${number} ${what}`);
  const worst =
    findings.find(({ severity }) => severity === "blocking") ?? findings.find(({ severity }) => severity === "warning");
  const detail = worst === undefined ? "" : `: ${worst.message}`;
  return found.length === 0 ? `${topic}: nothing to object` : `${topic}: ${found.join(", ")}${detail}`;
};
