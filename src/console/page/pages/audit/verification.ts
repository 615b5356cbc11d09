import { useCallback, useEffect, useRef, useState } from "react";
import type { AuditFinding } from "../../../../contract/views/audit.ts";
import { defined } from "../../../../domain/kernel/mod.ts";
import { api } from "../../data/client.ts";

/** How far the verification has come. */
export interface Verification {
  readonly state: "idle" | "running" | "done" | "stopped" | "failed";
  /** Histories that were checked, and how many there are; `total` is undefined while they are counted. */
  readonly checked: number;
  readonly total?: number;
  readonly events: number;
  readonly findings: ReadonlyArray<AuditFinding>;
  /** What the check of the whole log says, which comes last. */
  readonly whole?: { readonly ok: boolean; readonly commits: number; readonly events: number };
  readonly error?: unknown;
}

const idle: Verification = { state: "idle", checked: 0, events: 0, findings: [] };

/** Histories that are checked at once. */
const lanes = 4;

type History = { readonly aggregate: string; readonly id: string };

const everyHistory = async (isEnded: () => boolean): Promise<ReadonlyArray<History>> => {
  const found: Array<History> = [];
  let cursor: string | undefined;
  do {
    const { data } = await api.query("audit", "list", defined({ limit: 1_000, cursor }));
    for (const { aggregate, aggregateId } of data.items)
      if (aggregate !== undefined && aggregateId !== undefined) found.push({ aggregate, id: aggregateId });
    cursor = data.cursor;
  } while (cursor !== undefined && !isEnded());
  return found;
};

const keyOf = ({ position, event, problem }: AuditFinding): string => `${position} ${event} ${problem}`;

/** The findings without repetitions, in the order of the log. */
const joined = (one: ReadonlyArray<AuditFinding>, other: ReadonlyArray<AuditFinding>): ReadonlyArray<AuditFinding> =>
  [...new Map([...one, ...other].map((finding) => [keyOf(finding), finding])).values()].toSorted(
    (first, second) => first.position - second.position,
  );

/**
 * Verifies the log history by history, so that one sees how far it is, and then as a whole: its numbering, its seals, and
 * what process managers have seen of it.
 */
export const useVerification = () => {
  const [verification, setVerification] = useState(idle);
  const run = useRef(0);
  useEffect(
    () => () => {
      run.current += 1;
    },
    [],
  );
  const start = useCallback(async () => {
    run.current += 1;
    const turn = run.current;
    const isEnded = () => run.current !== turn;
    const update = (change: (before: Verification) => Verification) => !isEnded() && setVerification(change);
    setVerification({ ...idle, state: "running" });
    try {
      const histories = await everyHistory(isEnded);
      update((before) => ({ ...before, total: histories.length }));
      let next = 0;
      const lane = async () => {
        for (let history = histories[next++]; history !== undefined && !isEnded(); history = histories[next++]) {
          const { data } = await api.query("audit", "verify", history);
          update((before) => ({
            ...before,
            checked: before.checked + 1,
            events: before.events + data.events,
            findings: joined(before.findings, data.findings),
          }));
        }
      };
      await Promise.all(Array.from({ length: lanes }, lane));
      if (isEnded()) return;
      const { data } = await api.query("audit", "verify", {});
      const { ok, commits, events } = data;
      update((before) => ({
        ...before,
        state: "done",
        whole: { ok, commits, events },
        findings: joined(before.findings, data.findings),
      }));
    } catch (error) {
      update((before) => ({ ...before, state: "failed", error }));
    }
  }, []);
  const stop = useCallback(() => {
    run.current += 1;
    setVerification((before) => ({ ...before, state: "stopped" }));
  }, []);
  return { verification, start, stop };
};
