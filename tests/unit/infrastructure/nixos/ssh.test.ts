import { describe, expect, test } from "@jest/globals";
import { storeOf } from "../../../../src/infrastructure/nixos/nix.ts";
import { connectionError, sshArguments } from "../../../../src/infrastructure/nixos/ssh.ts";

const leaf = { host: "leaf-1", address: "10.0.0.1" };

describe("a connection that fails", () => {
  test.each([
    ["ssh: connect to host 10.0.0.1 port 22: Connection refused", "HostUnreachable", "Connection refused"],
    ["ssh: connect to host 10.0.0.1 port 22: Connection timed out", "HostUnreachable", "does not answer"],
    ["client_loop: send disconnect: Broken pipe", "HostUnreachable", "Broken pipe"],
    ["", "HostUnreachable", "the connection was cut"],
    ["root@10.0.0.1: Permission denied (publickey).", "StepFailed", "does not let root in"],
    ["No ED25519 host key is known for 10.0.0.1\nHost key verification failed.", "StepFailed", "ssh-keyscan 10.0.0.1"],
    [
      "@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\nHost key verification failed.",
      "StepFailed",
      "another host key",
    ],
    ["command-line: line 0: Bad configuration option: nonsense", "StepFailed", "does not take its options"],
  ])("%j is %s", (stderr, name, message) => {
    const error = connectionError(leaf, stderr);
    expect(error.name).toBe(name);
    expect(error.message).toContain(message);
  });
});

test("the first value of an option counts, so the user's own come before ours", () => {
  const words = sshArguments({ ...leaf, ssh: { port: 2222 } }, { arguments: ["-o", "ConnectTimeout=3"] });
  expect(words.indexOf("ConnectTimeout=3")).toBeLessThan(words.indexOf("ConnectTimeout=10"));
  expect(words).toContain("StrictHostKeyChecking=yes");
  expect(words.slice(-2)).toEqual(["-p", "2222"]);
});

test.each([
  [leaf, "ssh-ng://root@10.0.0.1"],
  [{ ...leaf, address: "fd00::1" }, "ssh-ng://root@[fd00::1]"],
  [{ ...leaf, ssh: { user: "ops", identityFile: "/my keys/id" } }, "ssh-ng://ops@10.0.0.1?ssh-key=%2Fmy%20keys%2Fid"],
])("the store of %j is %s", (target, store) => expect(storeOf(target)).toBe(store));
