import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { programsFolder, runProgram } from "./run-program.ts";

const has = (program: string): boolean => {
  try {
    execFileSync("sh", ["-c", `command -v ${program}`], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
};

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cim-restore-"));
  mkdirSync(join(folder, "copies"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const unpacked = (): Buffer => {
  const [file = ""] = readdirSync(join(folder, "copies"));
  return gunzipSync(readFileSync(join(folder, "copies", file)));
};

(has("redis-server") ? describe : describe.skip)("a copy of Redis", () => {
  const socket = () => join(folder, "redis.sock");
  const cli = (...args: ReadonlyArray<string>) =>
    execFileSync("redis-cli", ["-s", socket(), ...args], { encoding: "utf8" }).trim();
  const running = async <T>(appendonly: "yes" | "no", work: () => T): Promise<T> => {
    const options = [
      "--port",
      "0",
      "--unixsocket",
      socket(),
      "--dir",
      folder,
      "--appendonly",
      appendonly,
      "--save",
      "",
    ];
    const server = spawn("redis-server", options, { stdio: "ignore" });
    const over = once(server, "exit");
    try {
      for (;;) {
        try {
          if (cli("PING") === "PONG") break;
        } catch {
          await new Promise((wake) => setTimeout(wake, 50));
        }
      }
      return work();
    } finally {
      server.kill("SIGTERM");
      await over;
    }
  };

  test("is restored into an empty server that writes every change to disk", async () => {
    await running("yes", () => {
      cli("SET", "cart", "full");
      runProgram("keepCopies", [
        join(folder, "copies"),
        "cache",
        "rdb",
        "14",
        "redis-cli",
        "-s",
        socket(),
        "--rdb",
        "-",
      ]);
    });
    renameSync(join(folder, "appendonlydir"), join(folder, "lost"));
    writeFileSync(join(folder, "dump.rdb"), unpacked());
    await running("no", () => {
      cli("CONFIG", "SET", "appendonly", "yes");
      while (/aof_rewrite_(?:in_progress|scheduled):1/.test(cli("INFO", "persistence")));
    });
    expect(await running("yes", () => cli("GET", "cart"))).toBe("full");
  });
});

(has("sqlite3") ? describe : describe.skip)("a copy of SQLite", () => {
  test("is the file of the database", () => {
    const file = join(folder, "shop.db");
    const sql = (command: string) => execFileSync("sqlite3", [file, command], { encoding: "utf8" }).trim();
    sql("CREATE TABLE orders (id int); INSERT INTO orders VALUES (1), (2)");
    const copy = ["bash", `${programsFolder}/sqlite-copy.sh`, file];
    runProgram("keepCopies", [join(folder, "copies"), "shop", "db", "14", ...copy]);
    rmSync(file);
    writeFileSync(file, unpacked());
    expect(sql("SELECT count(*) FROM orders")).toBe("2");
  });
});
