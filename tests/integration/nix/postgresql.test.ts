import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { runProgram } from "./run-program.ts";

/** The folder with the programs of a PostgreSQL server; undefined if there is none, or nobody to run it as. */
const programsOfServer = (): string | undefined => {
  const base = "/usr/lib/postgresql";
  const [version] = existsSync(base) ? readdirSync(base).filter((one) => existsSync(`${base}/${one}/bin/initdb`)) : [];
  return version === undefined || process.getuid?.() !== 0 ? undefined : `${base}/${version}/bin`;
};
const programs = programsOfServer();

(programs === undefined ? describe.skip : describe)("PostgreSQL", () => {
  let folder: string;
  const ports = { first: 54_871, empty: 54_872, prepared: 54_873, standby: 54_874 };
  type Server = keyof typeof ports;
  const dataOf = (server: Server) => join(folder, server);

  const asPostgres = (command: string, ...args: ReadonlyArray<string>): string =>
    execFileSync("setpriv", ["--reuid=postgres", "--regid=postgres", "--clear-groups", command, ...args], {
      encoding: "utf8",
      cwd: folder,
      env: { PATH: `${programs}:${process.env.PATH}`, PGHOST: folder, PGUSER: "postgres" },
      stdio: ["ignore", "pipe", "pipe"],
    });
  const sql = (server: Server, database: string, command: string) =>
    asPostgres("psql", "-XAtq", "-p", String(ports[server]), "-d", database, "-c", command).trim();
  const run = (server: Server, more = "") => {
    const options = `-k ${folder} -p ${ports[server]} -c listen_addresses= -c fsync=off ${more}`;
    asPostgres("pg_ctl", "-D", dataOf(server), "-w", "-l", `${dataOf(server)}.log`, "-o", options, "start");
  };
  const start = (server: Server) => {
    asPostgres("initdb", "-D", dataOf(server), "--auth=trust", "--no-sync");
    run(server);
  };
  const program = (name: string, ...args: ReadonlyArray<string>) => {
    const file = join(folder, `${name}.sh`);
    writeFileSync(file, readFileSync(`nix/programs/${name}.sh`));
    const credentials = [`CREDENTIALS_DIRECTORY=${folder}`, `RUNTIME_DIRECTORY=${copies()}`];
    return asPostgres("env", ...credentials, "bash", "-euo", "pipefail", file, ...args);
  };
  const copies = () => join(folder, "copies");
  const restore = (server: Server, ...names: ReadonlyArray<string>) =>
    program("restore-postgresql", copies(), String(ports[server]), "newest", ...names);

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "cim-pg-"));
    chmodSync(folder, 0o777);
    mkdirSync(copies());
    chmodSync(copies(), 0o777);
    for (const server of ["first", "empty", "prepared"] as const) start(server);
    sql("first", "postgres", "CREATE ROLE shop LOGIN PASSWORD 'kept'");
    sql("first", "postgres", "CREATE DATABASE shop OWNER shop");
    sql("first", "shop", "SET ROLE shop; CREATE TABLE public.orders (id int)");
    sql("first", "shop", "INSERT INTO public.orders VALUES (1), (2)");
    const port = ["--port", String(ports.first)];
    program("keep-copies", copies(), "globals", "roles", "14", "pg_dumpall", ...port, "--globals-only");
    program("keep-copies", copies(), "shop", "sql", "14", "pg_dump", ...port, "--dbname", "shop");
  });
  afterAll(() => {
    for (const server of (["first", "empty", "prepared", "standby"] as const).filter((one) => existsSync(dataOf(one))))
      asPostgres("pg_ctl", "-D", dataOf(server), "-m", "immediate", "stop");
    rmSync(folder, { recursive: true });
  });

  test("is restored into an empty server, with its roles and owners", () => {
    restore("empty", "shop");
    expect(sql("empty", "shop", "SELECT count(*) FROM orders")).toBe("2");
    expect(sql("empty", "shop", "SELECT tableowner FROM pg_tables WHERE tablename = 'orders'")).toBe("shop");
    expect(sql("empty", "postgres", "SELECT rolpassword IS NOT NULL FROM pg_authid WHERE rolname = 'shop'")).toBe("t");
  });

  test("is restored into a server that has the roles and empty databases of its graph; nothing is overwritten", () => {
    sql("prepared", "postgres", "CREATE ROLE shop LOGIN");
    sql("prepared", "postgres", "CREATE DATABASE shop OWNER shop");
    restore("prepared", "shop");
    expect(sql("prepared", "shop", "SELECT count(*) FROM orders")).toBe("2");
    expect(() => restore("prepared", "shop")).toThrow(/has tables/);
    expect(() => restore("prepared", "other")).toThrow(/no copy of other/);
  });

  test("that has data of its own is not made a standby, and not started as a second primary", () => {
    const data = dataOf("first");
    const env = { CREDENTIALS_DIRECTORY: folder, RUNTIME_DIRECTORY: folder };
    writeFileSync(join(folder, "replication"), "secret");
    const standby = () => runProgram("postgresqlStandby", ["orders", folder, "1", "cim", data, "cim_south"], env);
    expect(standby).toThrow(/data of its own/);
    expect(existsSync(join(data, "PG_VERSION"))).toBe(true);
    // Somebody has promoted it on purpose, and says so.
    writeFileSync(join(data, "cim-promoted"), "");
    expect(standby).not.toThrow();
    rmSync(join(data, "cim-promoted"));
    writeFileSync(join(data, "standby.signal"), "");
    expect(standby).not.toThrow();
    rmSync(join(data, "standby.signal"));
  });

  test("keeps for a standby what that has not received, from before its copy until its edge goes", () => {
    const { first } = ports;
    const slots = () => sql("first", "postgres", "SELECT slot_name, active FROM pg_replication_slots ORDER BY 1");
    const settle = (read: () => string, wanted: string) => {
      while (read() !== wanted);
    };
    sql("first", "postgres", 'CREATE ROLE "cim-replication" LOGIN REPLICATION');
    sql("first", "postgres", "SELECT pg_create_physical_replication_slot('of_others')");
    program("postgresql-slots", String(first), "cim_north", "cim_south");
    program("postgresql-slots", String(first), "cim_south");
    expect(slots()).toBe("cim_south|f\nof_others|f");
    writeFileSync(join(folder, "replication"), "secret");
    program("postgresql-standby", "orders", folder, String(first), "cim-replication", dataOf("standby"), "cim_south");
    // What is changed between the copy and the start of the standby is not lost.
    expect(
      sql(
        "first",
        "postgres",
        "SELECT restart_lsn IS NOT NULL FROM pg_replication_slots WHERE slot_name = 'cim_south'",
      ),
    ).toBe("t");
    sql("first", "shop", "INSERT INTO public.orders VALUES (3)");
    const connection = `host=${folder} port=${first} user=cim-replication`;
    run("standby", `-c primary_slot_name=cim_south -c "primary_conninfo=${connection}"`);
    settle(() => sql("standby", "shop", "SELECT count(*) FROM orders"), "3");
    settle(slots, "cim_south|t\nof_others|f");
    program("postgresql-slots", String(first));
    expect(slots()).toBe("of_others|f");
  });

  test("has copies in plain SQL", () => {
    const [file] = readdirSync(copies()).filter((name) => name.endsWith(".sql.gz"));
    expect(gunzipSync(readFileSync(join(copies(), String(file)))).toString()).toContain("COPY public.orders");
  });
});
