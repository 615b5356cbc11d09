import { expect, test } from "@jest/globals";
import { readObservation } from "../../../../src/infrastructure/nixos/readings.ts";

test("what a host tells of itself is read", () => {
  const told = [
    "closure=/nix/store/new-system",
    "boot=/nix/store/old-system",
    "generation=42",
    "load=0.25",
    "uptime=3600.5",
    "total=1000",
    "free=400",
    "failed=a.service",
    "failed=b.service",
  ];
  expect(readObservation(told.join("\n"))).toEqual({
    closure: "/nix/store/new-system",
    boot: "/nix/store/old-system",
    generation: 42,
    load: 0.25,
    uptimeSeconds: 3600.5,
    disk: { totalBytes: 1000, freeBytes: 400 },
    failedUnits: ["a.service", "b.service"],
  });
});

test("what a host cannot tell is absent", () => {
  expect(readObservation("closure=/nix/store/x\nboot=\ngeneration=\ntotal=\nfree=12\n")).toEqual({
    closure: "/nix/store/x",
    failedUnits: [],
  });
});
