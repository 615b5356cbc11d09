import type { Json } from "../../agents/kit/mod.ts";
import { ruleText } from "./proposals.ts";
import { type Branch, fieldOf, itemsOf, textOf, treeLines } from "./text.ts";

const entryText = (entry: Json | undefined): string =>
  `${textOf(entry, "time")} by ${textOf(entry, "actor")} (${textOf(entry, "event")}, position ${textOf(entry, "position")})`;

const where = (present: Json | undefined, branch: Branch): ReadonlyArray<Branch> =>
  present === undefined ? [] : [branch];

const member = (one: Json): Branch => {
  const key = fieldOf(one, "publicKey");
  return {
    text: `${textOf(one, "id")}, weight ${textOf(one, "weight")}${key === undefined ? "" : `, signs with ${textOf(key)}`}`,
  };
};

const turn = (said: Json): Branch => ({
  text: `${textOf(said, "said", "time")} ${textOf(said, "speaker")}: ${textOf(said, "text")}`,
  below: itemsOf(said, "findings").map((finding) => ({
    text: `${textOf(finding, "severity")} ${textOf(finding, "rule")}: ${textOf(finding, "message")}`,
  })),
});

const signature = (act: Json | undefined): Branch => {
  const key = fieldOf(act, "signedWith");
  return { text: key === undefined ? "not signed" : `signed with ${textOf(key)}` };
};

const ballot = (cast: Json): Branch => {
  const reason = fieldOf(cast, "reason");
  const replaced = fieldOf(cast, "replaced") === true ? ", replaced later" : "";
  return {
    text: `${textOf(cast, "voter")}: ${textOf(cast, "choice")} (weight ${textOf(cast, "weight")})${replaced}, ${textOf(cast, "cast", "time")} (${textOf(cast, "cast", "event")})`,
    below: [
      ...where(reason, { text: `because ${textOf(reason)}` }),
      ...itemsOf(cast, "conditions").map((condition) => ({ text: `on the condition: ${textOf(condition, "text")}` })),
      signature(cast),
    ],
  };
};

const tallyText = (tally: Json | undefined): string =>
  `${textOf(tally, "approve")} for, ${textOf(tally, "reject")} against, ${textOf(tally, "abstain")} abstained of ${textOf(tally, "total")}; ${textOf(tally, "quorumRequired")} needed to vote`;

/** A decision's whole story, for people. */
export const decisionText = (told: Json): string => {
  const [discussion, deadline, tally, extended] = ["discussion", "deadline", "tally", "extended"].map((name) =>
    fieldOf(told, name),
  );
  const [rejectedFor, stopped, decided, enacted, veto] = ["rejectedFor", "stopped", "decided", "enacted", "veto"].map(
    (name) => fieldOf(told, name),
  );
  return treeLines([
    { text: `${textOf(told, "proposal")}: ${textOf(told, "title")} (${textOf(told, "kind")})` },
    {
      text: "decided on",
      below: Object.entries(fieldOf(told, "subject") ?? {}).map(([name, value]) => ({
        text: `${name}: ${textOf(value)}`,
      })),
    },
    { text: `submitted ${entryText(fieldOf(told, "submitted"))}` },
    { text: `by the rules: ${ruleText(told)}` },
    ...where(discussion, {
      text: `discussed in dialog ${textOf(discussion, "dialog")}: ${textOf(discussion, "topic")}`,
      below: itemsOf(discussion, "turns").map(turn),
    }),
    { text: "could vote", below: itemsOf(told, "electorate").map(member) },
    ...where(deadline, {
      text: `until ${textOf(deadline)}${extended === undefined ? "" : ", which was moved once because the quorum came late"}`,
    }),
    { text: "ballots", below: itemsOf(told, "ballots").map(ballot) },
    {
      text: `outcome: ${textOf(told, "outcome")}${rejectedFor === undefined ? "" : ` (${textOf(rejectedFor)})`}`,
      below: [
        ...where(tally, { text: tallyText(tally) }),
        ...where(decided, { text: entryText(decided) }),
        ...where(stopped, { text: `because ${textOf(stopped)}` }),
        ...where(veto, signature(veto)),
      ],
    },
    { text: enacted === undefined ? "not enacted" : `enacted ${entryText(enacted)}` },
    { text: `result hash ${textOf(told, "resultHash")}` },
  ]).join("\n");
};
