import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { describeWith } from "../../support/installed.ts";
import { programsFolder, runProgram } from "./run-program.ts";

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

describeWith("redis-server")("a copy of Redis", () => {
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

/** Debian has MariaDB in the place of MySQL. Its dump knows no GTIDs; nothing else of our command is left out. */
describeWith("mariadbd", "apt-get install mariadb-server-core mariadb-client brings it")("a copy of MySQL", () => {
  const user = process.getuid?.() === 0 ? ["--user=root"] : [];
  const socket = () => join(folder, "mysql.sock");
  const client = () => ["--no-defaults", `--socket=${socket()}`, "--user=root"];
  const sql = (command: string) =>
    execFileSync("mysql", [...client(), "--batch", "--skip-column-names", `--execute=${command}`], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();

  test("is restored over what is left of the database", async () => {
    const data = join(folder, "data");
    const initial = [
      "--no-defaults",
      `--datadir=${data}`,
      "--auth-root-authentication-method=normal",
      "--skip-test-db",
    ];
    execFileSync("mariadb-install-db", [...initial, ...user], { stdio: "ignore" });
    const settings = [`--datadir=${data}`, `--socket=${socket()}`, "--skip-networking", "--innodb-flush-method=nosync"];
    const server = spawn("mariadbd", ["--no-defaults", ...settings, ...user], { stdio: "ignore" });
    const over = once(server, "exit");
    try {
      for (;;) {
        try {
          sql("SELECT 1");
          break;
        } catch {
          await new Promise((wake) => setTimeout(wake, 50));
        }
      }
      sql("CREATE DATABASE shop; CREATE TABLE shop.orders (id int); INSERT INTO shop.orders VALUES (1), (2)");
      const options = ["--single-transaction", "--routines", "--events", "--triggers", "--databases", "shop"];
      const dump = ["mysqldump", ...client(), ...options];
      runProgram("keepCopies", [join(folder, "copies"), "shop", "sql", "14", ...dump]);
      sql("DROP TABLE shop.orders; CREATE TABLE shop.orders (other int)");
      execFileSync("mysql", client(), { input: unpacked(), stdio: ["pipe", "ignore", "pipe"] });
      expect(sql("SELECT count(id) FROM shop.orders")).toBe("2");
    } finally {
      server.kill("SIGTERM");
      await over;
    }
  });
});

describeWith("sqlite3")("a copy of SQLite", () => {
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
