import type { Finding } from "../../domain/deployment/review.ts";

/** The payload of `proposal.vote`. */
export interface Vote {
  readonly choice: "approve" | "reject";
  readonly reason?: string;
  readonly conditions?: ReadonlyArray<{ readonly text: string; readonly changes: NonNullable<Finding["changes"]> }>;
}

/**
 * What a reviewer votes by what it found: a blocking finding without a remedy is a rejection, and everything that should
 * be mended and can be is a condition. In the next round the graph has it, and the reviewer approves.
 */
export const voteOn = (findings: ReadonlyArray<Finding>): Vote => {
  const blocking = findings.filter(({ severity, changes }) => severity === "blocking" && changes === undefined);
  if (blocking.length > 0)
    return { choice: "reject", reason: blocking.map(({ rule, message }) => `${rule}: ${message}`).join("; ") };
  const conditions = findings.flatMap(({ severity, message, changes }) =>
    severity !== "note" && changes !== undefined ? [{ text: message, changes }] : [],
  );
  return conditions.length > 0 ? { choice: "approve", conditions } : { choice: "approve" };
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
