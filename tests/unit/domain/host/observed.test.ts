import { describe, expect, test } from "@jest/globals";
import { Result } from "effect";
import { isNoticeable, type Observed } from "../../../../src/domain/host/observed.ts";
import { deployed, given, report, seen, well } from "./fixtures.ts";

const gigabytes = (freeBytes: number, totalBytes = 100) => ({
  totalBytes: totalBytes * 1e9,
  freeBytes: freeBytes * 1e9,
});
const base: Observed = {
  failedUnits: ["a"],
  boot: "/b",
  generation: 1,
  load: 1,
  disk: gigabytes(50),
  uptimeSeconds: 100,
};

describe("an observation, 15 s after the one before,", () => {
  test.each<[string, Partial<Observed>, boolean]>([
    ["of the same", { uptimeSeconds: 115 }, false],
    ["of a little more load", { load: 1.9 }, false],
    ["of twice the load", { load: 2 }, true],
    ["of a little less space", { disk: gigabytes(45.1) }, false],
    ["of a twentieth less space", { disk: gigabytes(45) }, true],
    ["of a larger disk", { disk: gigabytes(50, 101) }, true],
    ["of another generation", { generation: 2 }, true],
    ["of another closure to boot", { boot: "/c" }, true],
    ["of another failed unit", { failedUnits: ["b"] }, true],
    ["of one failed unit more", { failedUnits: ["a", "b"] }, true],
    ["of an uptime that is a little late", { uptimeSeconds: 106 }, false],
    ["of a reboot", { uptimeSeconds: 104 }, true],
  ])("%s", (_, change, expected) => {
    expect(isNoticeable(base, { ...base, uptimeSeconds: 115, ...change }, 15)).toBe(expected);
  });

  test("of load is measured by what it was", () => {
    const at = (load: number): Observed => ({ failedUnits: [], load });
    expect(isNoticeable(at(20), at(29), 15)).toBe(false);
    expect(isNoticeable(at(20), at(30), 15)).toBe(true);
  });
  test("is news where there was none", () => {
    expect(isNoticeable(undefined, { failedUnits: [] }, 0)).toBe(true);
  });
});

test("what is not noticeable makes no event, and what comes with other news leaves the observation as it was", () => {
  const first = { ...well, observed: { ...seen, load: 1 } };
  const events = Result.getOrThrow(given([deployed]).when(report(first)));
  const later = { ...well, observed: { ...seen, load: 1.5 } };
  expect(given([deployed, ...events]).when(report(later))).toEqual(Result.succeed([]));
  const ill = Result.getOrThrow(
    given([deployed, ...events]).when(report({ ...later, health: "unhealthy", failing: ["web"] })),
  );
  expect(ill).toHaveLength(1);
  expect(ill[0]?.data).not.toHaveProperty("observed");
});
