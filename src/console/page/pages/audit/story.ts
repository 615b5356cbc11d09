import type { AnswerOf } from "../../../../contract/views/mod.ts";
import { defined, type LogEntry } from "../../../../domain/kernel/mod.ts";
import type { Tone } from "../../design/badge.tsx";

/** A step of the story of a decision. `id` is its event. */
export interface StoryStep {
  readonly id: string;
  readonly entry: LogEntry;
  readonly state: string;
  readonly tone?: Tone;
  readonly text: string;
  /** The public key of its signature. */
  readonly signedWith?: string;
}

type Decision = AnswerOf<"audit", "decision">;

const ballotText = ({ weight, reason, conditions, replaced, struck }: Decision["ballots"][number]): string =>
  [
    `weight ${weight}`,
    ...(reason === undefined ? [] : [reason]),
    ...(conditions ?? []).map(
      (condition) => `on the condition: ${typeof condition === "string" ? condition : condition.text}`,
    ),
    ...(struck === undefined ? [] : [`struck: ${struck}`]),
    ...(replaced && struck === undefined ? ["replaced later"] : []),
  ].join(" · ");

/** Returns what led to a decision and what came of it, in the order of the log. */
export const storyOf = (decision: Decision): ReadonlyArray<StoryStep> => {
  const { submitted, ballots, discussion, extended, decided, enacted, veto, outcome, pastRounds = [] } = decision;
  const steps: ReadonlyArray<StoryStep> = [
    { id: submitted.event, entry: submitted, state: "proposed", tone: "quiet", text: decision.title },
    ...(discussion?.turns ?? []).map(({ said, text, findings }) => ({
      id: said.event,
      entry: said,
      state: findings.length === 0 ? "said" : `found ${findings.length}`,
      tone: "quiet" as const,
      text: findings.length === 0 ? text : findings.map(({ message }) => message).join(" · "),
    })),
    ...ballots.map((ballot) => ({
      id: ballot.cast.event,
      entry: ballot.cast,
      state: ballot.choice,
      text: ballotText(ballot),
      ...defined({ signedWith: ballot.signedWith }),
    })),
    ...pastRounds.map(({ round, ended, conditions }) => ({
      id: ended.event,
      entry: ended,
      state: `round ${round} ended`,
      tone: "warn" as const,
      text: conditions.map(({ voter, text }) => `${voter}: ${text}`).join(" · "),
    })),
    ...(extended === undefined
      ? []
      : [
          {
            id: extended.event,
            entry: extended,
            state: "extended",
            tone: "warn" as const,
            text: "the quorum came late",
          },
        ]),
    ...(veto === undefined
      ? []
      : [
          {
            id: veto.cast.event,
            entry: veto.cast,
            state: "vetoed",
            text: veto.reason,
            ...defined({ signedWith: veto.signedWith }),
          },
        ]),
    ...(decided === undefined
      ? []
      : [{ id: decided.event, entry: decided, state: outcome, text: decision.rejectedFor ?? "decided" }]),
    ...(enacted === undefined
      ? []
      : [{ id: enacted.event, entry: enacted, state: "enacted", text: "what was decided was done" }]),
  ];
  const unique = new Map(steps.map((step) => [`${step.id} ${step.state}`, { ...step, id: step.id }]));
  return [...unique.values()].toSorted((one, other) => one.entry.position - other.entry.position);
};
