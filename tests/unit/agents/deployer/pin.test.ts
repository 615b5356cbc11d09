import { expect, test } from "@jest/globals";
import { pin } from "../../../../src/agents/deployer/pin.ts";
import type { LockReference } from "../../../../src/contract/hosts.ts";

const payload = { deployment: "d1", target: "nixos", graph: "shop", inputs: { nixpkgs: "flake:n", disko: "flake:d" } };
const pinning = (lock: LockReference | undefined, signal = new AbortController().signal) =>
  pin({ task: { id: "t", type: "pin", priority: "high", attempt: 1, payload }, signal }, lock);

test("each input is what nix says", async () => {
  expect(await pinning(async (reference) => `${reference}?narHash=sha256-x`)).toEqual({
    pins: { nixpkgs: "flake:n?narHash=sha256-x", disko: "flake:d?narHash=sha256-x" },
  });
});

test("without a nix, or if nix cannot say it, the task fails with what to do", async () => {
  const remedy =
    "pin with `cim graph pin shop`, or request it with nixpkgs, disko as `unpinned` (`cim deploy --unpinned`)";
  await expect(pinning(undefined)).rejects.toMatchObject({
    message: "inputs-not-pinned",
    data: { detail: `there is no nix where this deployer runs; ${remedy}` },
  });
  const offline = async () => {
    throw new Error("could not resolve host");
  };
  await expect(pinning(offline)).rejects.toMatchObject({
    data: { detail: `nixpkgs: could not resolve host; ${remedy}` },
  });
});

test("a task that is taken away ends as cancelled, not as failed", async () => {
  const taken = new AbortController();
  const lock = async () => {
    taken.abort(new Error("taken away"));
    throw new Error("ended");
  };
  await expect(pinning(lock, taken.signal)).rejects.toThrow("taken away");
});
