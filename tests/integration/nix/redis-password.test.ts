import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { defined } from "../../../src/domain/kernel/mod.ts";
import { describeWith } from "../../support/installed.ts";
import { runProgram } from "./run-program.ts";

describeWith("redis-server")("the password of Redis", () => {
  let folder: string;
  let server: ChildProcess | undefined;
  const file = (name: string) => join(folder, name);
  const kept = () => [file("current/password"), file("mark/has-password")] as const;
  const secret = () => runProgram("redisSecret", [file("secret"), file("redis.conf"), ...kept()]);
  const rotate = () => runProgram("redisPassword", [file("secret"), file("socket"), ...kept()]);
  const ask = (password?: string) =>
    execFileSync("redis-cli", ["-s", file("socket"), "ping"], {
      encoding: "utf8",
      env: defined({ PATH: process.env.PATH, REDISCLI_AUTH: password }),
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  const start = async () => {
    server = spawn("redis-server", [file("redis.conf")], { stdio: "ignore" });
    while (!existsSync(file("socket"))) await new Promise((wake) => setTimeout(wake, 50));
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "cim-redis-"));
    writeFileSync(file("redis.conf"), `port 0\nunixsocket ${file("socket")}\nsave ""\ndir ${folder}\n`);
  });
  afterEach(async () => {
    if (server?.kill("SIGKILL")) await once(server, "exit");
    server = undefined;
    rmSync(folder, { recursive: true });
  });

  test("is in force from the first moment, whatever its characters, and a new one takes its place", async () => {
    const first = `a "quoted" \\x41 #$ 'password'`;
    writeFileSync(file("secret"), `${first}\n`);
    secret();
    await start();
    expect(ask()).toContain("NOAUTH");
    expect(ask(first)).toBe("PONG");
    writeFileSync(file("secret"), "second\n");
    rotate();
    expect(ask(first)).not.toBe("PONG");
    expect(ask("second")).toBe("PONG");
    writeFileSync(file("secret"), "third\n");
    rotate();
    expect(ask("third")).toBe("PONG");
  });

  test("is set on a server that has had none", async () => {
    secret();
    await start();
    expect(ask()).toBe("PONG");
    writeFileSync(file("secret"), "first\n");
    rotate();
    expect(ask()).toContain("NOAUTH");
    expect(ask("first")).toBe("PONG");
  });

  test("is needed by a server that has had one, and may not be empty", () => {
    writeFileSync(file("secret"), "first\n");
    secret();
    rmSync(file("secret"));
    expect(secret).toThrow("this server has had a password");
    writeFileSync(file("secret"), "\n");
    expect(secret).toThrow("is empty");
  });
});
