import { expect, test } from "@jest/globals";
import type { HostProgress } from "../../../../../src/contract/views/deployments.ts";
import { showProgress, statusText } from "../../../../../src/interfaces/cli/deploy/live-hosts.ts";
import { progressBetween } from "../../../../../src/interfaces/cli/deploy/progress.ts";
import { deployment } from "./fixtures.ts";

const at = "2026-11-30T09:00:00.000Z";
const closure = "/nix/store/v1lphxk7fqda5j70vk6irlps8zkr6igw-nixos-system-leaf-1";
const pending = (id: string): HostProgress => ({ id, wave: 1, address: "10.0.0.1", status: "pending" });

/** A host that has taken these steps, of one second each but the first. */
const after = (...steps: ReadonlyArray<"recorded" | "built" | "activated" | "confirmed">): HostProgress => ({
  ...pending("leaf-1"),
  status: steps.at(-1) ?? "pending",
  closure,
  steps: steps.map((step, index) => ({ step, at, milliseconds: index < 2 ? 110 : 2100 })),
});

const deploying = (...hosts: ReadonlyArray<HostProgress>) => deployment({ status: "deploying", hosts });

const shown = (terminal: boolean): ReadonlyArray<string> => {
  const lines: Array<string> = [];
  const live = {
    line: (more: string | ReadonlyArray<string>) => void lines.push(...[more].flat()),
    status: () => {},
    end: () => {},
  };
  const course = [
    deploying(pending("leaf-1")),
    deploying(after("recorded", "built")),
    deploying(after("recorded", "built", "activated")),
    deploying(after("recorded", "built", "activated", "confirmed")),
    deploying({ ...after("recorded", "built", "activated", "confirmed"), status: "reverted", previous: closure }),
  ];
  for (const [index, document] of course.entries())
    for (const progress of progressBetween(course[index - 1], document))
      showProgress(live, { live: terminal, json: false }, progress, document);
  return lines;
};

test("on a terminal a host is one line when it is done, and another one when it goes back", () => {
  expect(shown(true)).toEqual([
    "deploying",
    "  leaf-1  ✓built ✓activated 2.1 s ✓confirmed 2.1 s v1lphxk7",
    "  wave 1 leaf-1 reverted v1lphxk7 in 2.1 s",
  ]);
});

test("elsewhere each step is a line", () => {
  expect(shown(false)).toHaveLength(5);
});

test("a step that fails is a line at once, with what was printed", () => {
  const lines: Array<string> = [];
  const live = {
    line: (more: string | ReadonlyArray<string>) => void lines.push(...[more].flat()),
    status: () => {},
    end: () => {},
  };
  const failed: HostProgress = {
    ...after("recorded", "built"),
    failedAt: "activated",
    log: ["no space"],
    detail: "exit 1",
  };
  for (const progress of progressBetween(deploying(pending("leaf-1")), deploying(failed)))
    showProgress(live, { live: true, json: false }, progress, deploying(failed));
  expect(lines).toEqual(["  wave 1 leaf-1 could not be activated (exit 1)", "    | no space"]);
});

test("the status names the hosts under way, and counts them", () => {
  const underWay = (id: string): HostProgress => ({ ...after("recorded", "built"), id });
  const many = ["a", "b", "c", "d", "e"].map(underWay);
  expect(statusText(deploying(pending("leaf-1")))).toBe("deploying");
  expect(statusText(deploying(underWay("a"), pending("b")))).toBe("deploying  a built  0 of 2 hosts done");
  expect(statusText(deploying(after("recorded", "confirmed"), ...many))).toBe(
    "deploying  a built  b built  c built  2 more  1 of 6 hosts done",
  );
});
