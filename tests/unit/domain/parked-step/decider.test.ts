import { expect, test } from "@jest/globals";
import { Result } from "effect";
import { parkedStep } from "../../../../src/domain/parked-step/decider.ts";
import { specification } from "../../../support/specification.ts";

const { given } = specification(parkedStep, { known: undefined });

const work = {
  manager: "deliveries",
  event: "task.t.1",
  eventPosition: 7,
  correlationId: "c",
  key: "inbox.bob",
  reason: "no",
  attempts: 4,
};
const parked = { type: "step-parked", data: work } as const;
const retried = { type: "step-retried", data: {} } as const;
const settled = { type: "step-settled", data: {} } as const;
const dropped = { type: "step-dropped", data: { reason: "old" } } as const;
const park = { type: "park", payload: work } as const;
const retry = { type: "retry", payload: {} } as const;
const settle = { type: "settle", payload: {} } as const;
const drop = { type: "drop", payload: { reason: "old" } } as const;

test("a step is parked once, and again if it fails when it is tried again", () => {
  expect(given([]).when(park)).toEqual(Result.succeed([parked]));
  expect(given([parked]).when(park)).toEqual(Result.succeed([]));
  expect(given([parked, retried]).when(park)).toEqual(Result.succeed([parked]));
  expect(given([parked, dropped]).when(park)).toEqual(Result.succeed([]));
  expect(given([parked, retried, settled]).when(park)).toEqual(Result.succeed([]));
});

test("a parked step can be tried again, once at a time", () => {
  expect(given([parked]).when(retry)).toEqual(Result.succeed([retried]));
  expect(given([parked, retried]).when(retry)).toEqual(Result.succeed([]));
  expect(given([parked, dropped]).refuses(retry)).toBe("wrong-state");
  expect(given([parked, retried, settled]).refuses(retry)).toBe("wrong-state");
});

test("a step is settled only after somebody had it tried again", () => {
  expect(given([parked, retried]).when(settle)).toEqual(Result.succeed([settled]));
  expect(given([parked]).when(settle)).toEqual(Result.succeed([]));
});

test("a step can be dropped until it is done", () => {
  expect(given([parked]).when(drop)).toEqual(Result.succeed([dropped]));
  expect(given([parked, retried]).when(drop)).toEqual(Result.succeed([dropped]));
  expect(given([parked, dropped]).when(drop)).toEqual(Result.succeed([]));
  expect(given([parked, retried, settled]).refuses(drop)).toBe("wrong-state");
});

test("admins have it tried again and drop it, and nobody else", () => {
  expect(parkedStep.commands.retry.by).toEqual(["admin"]);
  expect(parkedStep.commands.drop.by).toEqual(["admin"]);
  expect(parkedStep.commands.park).toMatchObject({ audience: "internal", by: "system" });
});
