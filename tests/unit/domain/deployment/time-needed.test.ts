import { describe, expect, test } from "@jest/globals";
import { Result } from "effect";
import type { PolicyDocument } from "../../../../src/domain/consensus/policy-document.ts";
import {
  type Command,
  type Event,
  given,
  history,
  known,
  policy,
  request,
  revision,
  type settings,
} from "./fixtures.ts";

type Times = { readonly [K in keyof typeof settings]?: number };

/** A request under a policy that says this. Times that it does not name are left out. */
const bareUnder = (rules: Partial<PolicyDocument>, times: Times = {}) => {
  const payload = { graph: "shop", target: "simulated", insist: false, monitorSeconds: 30, ...times } as const;
  const ruling = { ...policy, document: { ...policy.document, ...rules } };
  return given([]).when({ type: "request", payload }, { known: { ...known, policy: ruling } });
};
/** The same with the usual times, and a protocol of its own. */
const under = (rules: Partial<PolicyDocument>, wishes: Parameters<typeof request>[0]) =>
  given([]).when(request(wishes), {
    known: { ...known, policy: { ...policy, document: { ...policy.document, ...rules } } },
  });
const settingsOf = (result: ReturnType<typeof under>) => {
  const [first] = Result.getOrThrow(result);
  return first?.type === "deployment-requested" ? first.data.settings : undefined;
};

describe("the times of a deployment", () => {
  test("are the usual ones if neither request nor policy says more", () => {
    expect(settingsOf(bareUnder({}))).toEqual({ discussionSeconds: 30, monitorSeconds: 30, timeoutSeconds: 300 });
  });
  test("follow the policy: its discussion is the deployment's, and the time limit has room for all of it", () => {
    const slow = {
      discussionSeconds: 600,
      votingSeconds: 3600,
      enactmentDelaySeconds: 100,
      lateQuorum: { withinSeconds: 60, extensionSeconds: 200 },
    };
    expect(settingsOf(bareUnder(slow))).toEqual({
      discussionSeconds: 600,
      wholeDiscussion: true,
      monitorSeconds: 30,
      timeoutSeconds: 600 + 3 * (3600 + 200) + 100 + 30 + 60,
    });
    expect(settingsOf(bareUnder({ ...slow, maxRounds: 1 }))).toMatchObject({
      timeoutSeconds: 600 + 3600 + 200 + 100 + 30 + 60,
    });
  });
  test("cannot be less than what they take, and the refusal has the number that would do", () => {
    const refused = under({ enactmentDelaySeconds: 40 }, { timeoutSeconds: 279 });
    expect(refused).toMatchObject({
      failure: {
        reason: "timeout-too-short",
        message: expect.stringContaining(
          "30 s for discussion, 180 s for voting in up to 3 rounds, 40 s for enactment delay",
        ),
        details: { neededSeconds: 280 },
      },
    });
    expect(settingsOf(under({ enactmentDelaySeconds: 40 }, { timeoutSeconds: 280 }))).toBeDefined();
  });
  test("leave no less discussion than the policy wants", () => {
    expect(under({ discussionSeconds: 31 }, {})).toMatchObject({ failure: { reason: "weaker-than-policy" } });
  });
});

test.each([
  ["protocol", { protocol: "simple-majority" }],
  ["time to vote", { votingSeconds: 4 }],
] as const)("a request with a weaker %s than the policy's is refused at once", (_, wishes) => {
  const rules = { protocol: "qualified-majority", threshold: "2/3", minimumVotingSeconds: 5 } as const;
  expect(under(rules, wishes)).toMatchObject({ failure: { reason: "weaker-than-policy" } });
});

const review: Command = { type: "review", payload: { revision: revision.graphDigest, findings: [] } };

test("a discussion that the policy wants is not cut short by the last review", () => {
  const whole = history.discussing.map(
    (event): Event =>
      event.type === "deployment-requested"
        ? { ...event, data: { ...event.data, settings: { ...event.data.settings, wholeDiscussion: true } } }
        : event,
  );
  const first = Result.getOrThrow(given(whole).when(review, { principal: "ann" }));
  const second = Result.getOrThrow(given([...whole, ...first]).when(review, { principal: "bob" }));
  expect(second.map(({ type }) => type)).toEqual(["review-recorded"]);
  expect(
    Result.getOrThrow(given([...whole, ...first, ...second]).when({ type: "end-discussion", payload: {} })),
  ).toEqual([{ type: "discussion-ended", data: { reason: "deadline", silent: [] } }]);
});
