import { expect, test } from "@jest/globals";
import { type ActivationEnd, outcomeOf } from "../../../../src/domain/host/activation-outcome.ts";

const end = (more: Partial<ActivationEnd>): ActivationEnd => ({
  code: 0,
  failedBefore: [],
  failed: [],
  said: [],
  ...more,
});
const failed = (text: string) => ({ is: "failed", message: expect.stringContaining(text) });

test.each<[string, Partial<ActivationEnd>, unknown]>([
  ["done", {}, { is: "done" }],
  ["a failed activation script", { code: 2 }, failed("activation script")],
  ["a systemd that was not reloaded", { code: 3 }, failed("could not read the new units")],
  ["an error of the system", { code: 13 }, failed("exit code 13")],
  ["a unit that fails", { code: 4, failed: ["web.service"] }, failed("did not fail before: web.service")],
  ["a unit that failed before", { code: 4, failedBefore: ["web.service"], failed: ["web.service"] }, { is: "done" }],
  [
    "a unit that failed before, and is tried again",
    {
      code: 4,
      failedBefore: ["web.service"],
      failed: ["web.service"],
      said: ["Failed to start web.service", "warning: the following units failed: web.service"],
    },
    { is: "done" },
  ],
  [
    "a unit that runs, and could not be reloaded",
    { code: 4, said: ["reloading the following units: edge.service", "Failed to reload edge.service"] },
    failed("edge.service could not be reloaded"),
  ],
  [
    "the same, in the words of systemctl",
    { code: 4, said: ["Job for edge.service failed.", 'See "systemctl status edge.service" for details.'] },
    failed("edge.service"),
  ],
  ["a failure that nothing explains", { code: 4, failedBefore: ["web.service"] }, failed("nothing says which")],
  ["a unit that runs again", { code: 4, said: ["warning: the following units failed: web.service"] }, { is: "done" }],
  ["units of a user", { code: 4, said: ["warning: user activation for ada failed"] }, failed("the units of user ada")],
  [
    "a switch inhibitor",
    {
      code: 1,
      said: [
        "Checking switch inhibitors...",
        "There are changes to critical components of the system:",
        "",
        "dbus-implementation : dbus -> broker",
        "",
        "Switching into this system is not recommended.",
        "Pre-switch check 'switchInhibitors' failed",
      ],
    },
    { is: "needs-reboot", reasons: ["dbus-implementation : dbus -> broker"] },
  ],
  ["another check before the switch", { code: 1, said: ["Pre-switch check 'disk' failed"] }, failed("`disk`")],
  ["another activation", { code: 1, said: ["Could not acquire lock"] }, failed("another activation")],
  ["a refusal without a word", { code: 1 }, failed("exit code 1")],
  ["another systemd", { code: 100 }, { is: "needs-reboot", reasons: [expect.stringContaining("systemd")] }],
])("%s", (_, more, outcome) => {
  expect(outcomeOf(end(more))).toEqual(outcome);
});
