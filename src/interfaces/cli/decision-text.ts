import type { AnswerOf } from "../../contract/views/mod.ts";
import type { LogEntry } from "../../domain/kernel/mod.ts";
import { ruleText } from "./proposals.ts";
import { ballotBranches } from "./round-text.ts";
import { type Branch, cellText, treeLines } from "./text.ts";

type Decision = AnswerOf<"audit", "decision">;
type Part<K extends keyof Decision> = NonNullable<Decision[K]>;

const entryText = ({ time, actor, event, position }: LogEntry): string =>
  `${time} by ${actor} (${event}, position ${position})`;

const optional = <T>(value: T | undefined, branch: (value: T) => Branch): ReadonlyArray<Branch> =>
  value === undefined ? [] : [branch(value)];

const member = ({ id, weight, publicKey }: Decision["electorate"][number]): Branch => ({
  text: `${id}, weight ${weight}${publicKey === undefined ? "" : `, signs with ${publicKey}`}`,
});

const turn = ({ said, speaker, text, findings }: Part<"discussion">["turns"][number]): Branch => ({
  text: `${said.time} ${speaker}: ${text}`,
  below: findings.map(({ severity, rule, message }) => ({ text: `${severity} ${rule}: ${message}` })),
});

const signature = ({ signedWith }: { readonly signedWith?: string }): Branch => ({
  text: signedWith === undefined ? "not signed" : `signed with ${signedWith}`,
});

const ballot = (one: Decision["ballots"][number]): Branch => {
  const { voter, choice, weight, reason, conditions = [], replaced, cast } = one;
  return {
    text: `${voter}: ${choice} (weight ${weight})${replaced ? ", replaced later" : ""}, ${cast.time} (${cast.event})`,
    below: [
      ...optional(reason, (why) => ({ text: `because ${why}` })),
      ...conditions.map(({ text }) => ({ text: `on the condition: ${text}` })),
      signature(one),
    ],
  };
};

const tallyText = ({ approve, reject, abstain, total, quorumRequired }: Part<"tally">): string =>
  `${approve} for, ${reject} against, ${abstain} abstained of ${total}; ${quorumRequired} needed to vote`;

/** The whole story of a decision, for people. */
export const decisionLines = (decision: Decision): ReadonlyArray<string> => {
  const { proposal, title, kind, discussion, deadline, tally, extended, outcome } = decision;
  const { rejectedFor, stopped, decided, enacted, veto } = decision;
  return treeLines([
    { text: `${proposal}: ${title} (${kind})` },
    {
      text: "decided on",
      below: Object.entries(decision.subject).map(([name, value]) => ({ text: `${name}: ${cellText(value)}` })),
    },
    { text: `submitted ${entryText(decision.submitted)}` },
    { text: `by the rules: ${ruleText(decision)}` },
    ...optional(discussion, ({ dialog, topic, turns }) => ({
      text: `discussed in dialog ${dialog}: ${topic}`,
      below: turns.map(turn),
    })),
    ...optional(decision.glass, ({ by, reason }) => ({
      text: `GLASS BROKEN by ${by}, so that blocking findings were no veto: ${reason}`,
    })),
    { text: "could vote", below: decision.electorate.map(member) },
    ...optional(deadline, (end) => ({
      text: `until ${end}${extended === undefined ? "" : ", which was moved once because the quorum came late"}`,
    })),
    { text: "ballots", below: ballotBranches(decision, ballot) },
    {
      text: `outcome: ${outcome}${rejectedFor === undefined ? "" : ` (${rejectedFor})`}`,
      below: [
        ...optional(tally, (sums) => ({ text: tallyText(sums) })),
        ...optional(decided, (entry) => ({ text: entryText(entry) })),
        ...optional(stopped, (why) => ({ text: `because ${why}` })),
        ...optional(veto?.struck, (why) => ({ text: `the veto of ${veto?.by} does not count: ${why}` })),
        ...optional(veto, signature),
      ],
    },
    { text: enacted === undefined ? "not enacted" : `enacted ${entryText(enacted)}` },
    { text: `result hash ${decision.resultHash}` },
  ]);
};
