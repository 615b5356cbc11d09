import { describe, expect, test } from "@jest/globals";
import { parseFault } from "../../../../src/infrastructure/simulated/mod.ts";

describe("a fault on the command line", () => {
  test.each([
    ["web-api@leaf-1", { kind: "unhealthy", node: "web-api", host: "leaf-1" }],
    ["vanish:leaf-1@activate:5", { kind: "vanish", host: "leaf-1", atStep: "activate", forSeconds: 5 }],
    ["vanish:leaf-1@check:0.5", { kind: "vanish", host: "leaf-1", atStep: "check", forSeconds: 0.5 }],
    ["vanish:leaf-1@revert", { kind: "vanish", host: "leaf-1", atStep: "revert" }],
    ["build-fails:leaf-1", { kind: "build-fails", host: "leaf-1" }],
    ["activation-fails:leaf-2", { kind: "activation-fails", host: "leaf-2" }],
    ["drift:leaf-1", { kind: "drift", host: "leaf-1" }],
    ["reboot:leaf-1", { kind: "reboot", host: "leaf-1" }],
    ["unit-failed:web-api@leaf-1", { kind: "unit-failed", unit: "web-api.service", host: "leaf-1" }],
    ["unit-failed:backup.timer@leaf-1", { kind: "unit-failed", unit: "backup.timer", host: "leaf-1" }],
  ])("%s", (text, fault) => {
    expect(parseFault(text)).toEqual(fault);
  });

  test.each([
    ["web-api", "fault `web-api` is not understood"],
    ["Web@leaf-1", "fault `Web@leaf-1` is not understood"],
    ["explode:leaf-1", "write NODE@HOST, build-fails:HOST"],
    ["vanish:leaf-1", "is not understood"],
    ["vanish:leaf-1@activate:soon", "is not understood"],
    ["vanish:leaf-1@dinner", "there is no step `dinner`: use one of current, copy"],
    ["build-fails:", "is not understood"],
    ["unit-failed:web", "unit-failed:UNIT@HOST"],
  ])("%s is refused", (text, message) => {
    expect(() => parseFault(text)).toThrow(message);
  });
});
