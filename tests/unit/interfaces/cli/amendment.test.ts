import { expect, test } from "@jest/globals";
import type { VoterCondition } from "../../../../src/domain/consensus/ballot.ts";
import { amendmentLines, conditionsOf } from "../../../../src/interfaces/cli/amendment.ts";

const changing: VoterCondition = {
  voter: "ada",
  text: "another port",
  changes: [{ type: "update-node", id: "web", changes: { port: 81 } }],
};
const text: VoterCondition = { voter: "bob", text: "tell the customers" };

test("what a vote changed is said in words, for every round and whose condition it was", () => {
  const conditions = conditionsOf({ rounds: [{ conditions: [changing] }], conditions: [text] });
  expect(conditions).toEqual([changing, text]);
  expect(amendmentLines(conditions)).toEqual(["ada: another port", "  `web`: `port` is 81"]);
  expect(amendmentLines(conditionsOf({}))).toEqual([]);
});
