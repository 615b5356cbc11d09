import { describe, expect, test } from "@jest/globals";
import { storeOf } from "../../../../src/infrastructure/nixos/nix.ts";
import { connectionError, sshArguments, sudoRefusal } from "../../../../src/infrastructure/nixos/ssh.ts";

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

describe("sudo on a host", () => {
  const target = { ...leaf, ssh: { user: "ops" } };
  test.each([
    "sudo: a password is required",
    "sudo: unable to resolve host leaf-1: Temporary failure in name resolution\nsudo: a password is required",
    "sudo: a terminal is required to read the password; either use the -S option\nsudo: a password is required",
    "sudo: sorry, you must have a tty to run sudo",
    "bash: line 1: sudo: command not found",
    "ops is not in the sudoers file.",
    "Sorry, user ops is not allowed to execute '/run/current-system/sw/bin/bash -s -- current' as root on leaf-1.",
  ])("that says %j does not let the user be root", (stderr) => {
    const error = sudoRefusal(target, stderr);
    expect(error).toMatchObject({ name: "StepFailed" });
    expect(error?.message).toContain("ops may not become root on leaf-1 without a password");
    expect(sudoRefusal(leaf, stderr)).toBeUndefined();
  });

  test("may have nothing to do with what went wrong", () => {
    const warning = "sudo: unable to resolve host leaf-1: Name or service not known";
    expect(sudoRefusal(target, `${warning}\nunits that did not fail before: sudo.service`)).toBeUndefined();
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
