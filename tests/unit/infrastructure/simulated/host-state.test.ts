import { expect, test } from "@jest/globals";
import { builtClosure, installedClosure } from "../../../../src/infrastructure/simulated/host-state.ts";

const files = { "flake.nix": "f", "hosts/leaf-1.nix": "one", "hosts/leaf-2.nix": "two" };

test("closures have the form of store paths and say that they are simulated", () => {
  const form = /^\/nix\/store\/[0-9a-df-np-sv-z]{32}-nixos-system-leaf-1-simulated$/;
  expect(builtClosure("leaf-1", files)).toMatch(form);
  expect(installedClosure("leaf-1")).toMatch(form);
});

test("the same files give the same closure, whatever their order", () => {
  const reversed = Object.fromEntries(Object.entries(files).reverse());
  expect(builtClosure("leaf-1", reversed)).toBe(builtClosure("leaf-1", files));
});

test("a host keeps its closure when only another one changes, and gets another when its own file does", () => {
  const changed = { ...files, "hosts/leaf-2.nix": "three" };
  expect(builtClosure("leaf-1", changed)).toBe(builtClosure("leaf-1", files));
  expect(builtClosure("leaf-2", changed)).not.toBe(builtClosure("leaf-2", files));
});

test("a name that only begins alike is another host", () => {
  const more = { ...files, "hosts/leaf-10.nix": "ten" };
  expect(builtClosure("leaf-1", more)).toBe(builtClosure("leaf-1", files));
});

test("hosts differ, even with the same files", () => {
  expect(builtClosure("a", { "flake.nix": "f" })).not.toBe(builtClosure("b", { "flake.nix": "f" }));
  expect(builtClosure("a", { "flake.nix": "f" })).not.toBe(builtClosure("a", { "flake.nix": "g" }));
});
