import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { Effect, Option } from "effect";
import { findServerBinary } from "../../../src/infrastructure/nats/embedded-server/binary.ts";
import { baseFolder, runsFolder, script } from "./folders.ts";
import { type Control, type Machine, machine } from "./machine.ts";
import { firstSystems, nixVariables } from "./nix-environment.ts";

export interface MachinesOptions {
  /** The size of each machine's /nix/store, in MiB; 64 unless told. A small closure of `tests/nixpkgs` takes less than one. */
  readonly storeMib?: number;
  /** Files and folders of this machine that they have as well: `FROM:TO`. */
  readonly lend?: ReadonlyArray<string>;
}

/** Machines that run, on a network of their own that this machine reaches. */
export interface Machines {
  readonly all: ReadonlyArray<Machine>;
  /** The machine of that name; throws where there is none. */
  readonly get: (name: string) => Machine;
  /** The private key of root on all of them. */
  readonly keyFile: string;
  /** Their host keys, which ssh has to find. */
  readonly knownHostsFile: string;
  /** For `ssh -F`: user, key, pinned host keys; machines by name or address. */
  readonly sshConfigFile: string;
  /** A folder for files of the test, removed with the machines. */
  readonly folder: string;
  /** This process's environment, in which `nix build` and `nix copy --to ssh-ng://…` work without a network. */
  readonly nixEnvironment: () => NodeJS.ProcessEnv;
  /** Where the files of a store path are on this machine. */
  readonly filesOf: (storePath: string) => string;
  /** Ends them all, and leaves nothing. They end as well when this process does. */
  readonly close: () => Promise<void>;
}

const execute = promisify(execFile);
const maxBuffer = 64 * 1024 * 1024;
/** Milliseconds that a command in a machine may take: one that waits for ever is named, instead of the test around it. */
const longestCommand = 90_000;

const sshConfig = (folder: string, hosts: ReadonlyArray<{ name: string; address: string }>): string =>
  [
    ...hosts.map(({ name, address }) => `Host ${name}\n  HostName ${address}`),
    "Host *",
    "  User root",
    `  IdentityFile ${folder}/key`,
    `  UserKnownHostsFile ${folder}/known_hosts`,
    "  GlobalKnownHostsFile /dev/null",
    ...["IdentitiesOnly yes", "StrictHostKeyChecking yes", "CheckHostIP no", "BatchMode yes"].map(
      (line) => `  ${line}`,
    ),
    ...["ConnectTimeout 5", "ServerAliveInterval 2", "ServerAliveCountMax 3", "LogLevel ERROR"].map(
      (line) => `  ${line}`,
    ),
    "",
  ].join("\n");

/** The namespaces of a run, and how they end. */
const openLab = async (folder: string, base: string) => {
  // A group of its own: an interrupt of the terminal is for the test, whose end then ends the lab.
  const lab = spawn(script("lab.sh"), [folder, base], { detached: true, stdio: ["pipe", "pipe", "pipe"] });
  let complaint = "";
  lab.stderr.on("data", (text) => {
    complaint += text;
  });
  const exited = once(lab, "exit");
  const lines = createInterface({ input: lab.stdout });
  const [first] = await Promise.race([once(lines, "line"), exited]);
  const [word, subnet, pid] = String(first).split(" ");
  if (word !== "ready" || subnet === undefined || pid === undefined)
    throw new Error(`machines: the network and mounts cannot be made: ${complaint.trim()}`);
  const control: Control = async (...args) => {
    const limit = args[0] === "exec" ? { timeout: longestCommand, killSignal: "SIGKILL" as const } : {};
    try {
      return (await execute(script("machine.sh"), [folder, pid, ...args], { maxBuffer, ...limit })).stdout;
    } catch (error) {
      const { code, killed, stdout, stderr } = Object(error);
      if (killed === true)
        throw new Error(
          `${args.join(" ")}: has not ended after ${longestCommand / 1000} s: ${`${stdout}${stderr}`.trim()}`,
        );
      throw new Error(`${args.join(" ")}: exit code ${code}: ${`${stdout}${stderr}`.trim()}`);
    }
  };
  const close = async (): Promise<void> => {
    lab.stdin.end();
    await exited;
  };
  return { subnet, control, close };
};

/**
 * What a deployment takes from machines, by the names under which a request accepts it: they get their network from
 * outside, and a system of NixOS would take it over.
 */
export const networkOf = (machines: Pick<Machines, "all">): ReadonlyArray<string> =>
  machines.all.flatMap(({ name, address }) => [
    `${name}:address:${address}/24`,
    `${name}:route:${address.replace(/\.\d+$/, ".1")}`,
  ]);

/** A program of this machine with the libraries that the machines do not have; nothing if it is not here. */
const lent = async (program: string, base: string): Promise<ReadonlyArray<string>> => {
  if (!existsSync(program)) return [];
  const { stdout } = await execute("ldd", [program]);
  const libraries = stdout.split("\n").flatMap((line) => /=> (\/\S+)/.exec(line)?.[1] ?? []);
  return [program, ...libraries.filter((file) => !existsSync(join(base, file)))].map((file) => `${file}:${file}`);
};

/** Real machines, booted and ready; see README.md. The first ever takes minutes, since the Debian is made. */
export const startMachines = async (
  names: ReadonlyArray<string>,
  { storeMib = 64, lend = [] }: MachinesOptions = {},
): Promise<Machines> => {
  const wrong = names.find((name) => !/^[a-z][a-z0-9-]{0,62}$/.test(name));
  if (wrong !== undefined) throw new Error(`machines: "${wrong}" is no name of a machine: a-z, 0-9 and - only`);
  const base = baseFolder();
  if (!existsSync(base)) await execute(script("base.sh"), [base], { maxBuffer });
  await mkdir(runsFolder(), { recursive: true });
  const folder = await mkdtemp(join(runsFolder(), "r"));
  const lab = await openLab(folder, base);
  try {
    const file = (name: string) => join(folder, name);
    const variables = nixVariables(file("store"), file("ssh_config"));
    const [systems] = await Promise.all([
      firstSystems(names, file("first-systems"), variables),
      execute("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "machines", "-f", file("key")]),
    ]);
    const server = await Effect.runPromise(Effect.option(findServerBinary(process.env)));
    const programs = [
      ...(Option.isSome(server) ? [`${server.value}:/usr/bin/nats-server`] : []),
      ...(await lent("/usr/sbin/haproxy", base)),
      ...lend,
    ];
    const create = async (name: string, index: number): Promise<Machine> => {
      const address = `${lab.subnet}.${11 + index}`;
      const system = systems.get(name) ?? "";
      const args = [address, String(storeMib), file("key.pub"), system, file("store")];
      const [type, key] = (await lab.control("create", name, ...args)).trim().split(" ");
      const created = machine(lab.control, { name, address, hostKey: `${address} ${type} ${key}` }, programs);
      await created.boot();
      return created;
    };
    const all = await Promise.all(names.map(create));
    await writeFile(file("known_hosts"), all.map(({ hostKey }) => `${hostKey}\n`).join(""));
    await writeFile(file("ssh_config"), sshConfig(folder, all));
    await mkdir(file("test"));
    return {
      all,
      get: (name) => {
        const found = all.find((one) => one.name === name);
        if (found === undefined) throw new Error(`machines: there is no ${name}, only ${names.join(", ")}`);
        return found;
      },
      keyFile: file("key"),
      knownHostsFile: file("known_hosts"),
      sshConfigFile: file("ssh_config"),
      folder: file("test"),
      nixEnvironment: () => ({ ...process.env, ...variables }),
      filesOf: (storePath) => join(file("store"), storePath),
      close: lab.close,
    };
  } catch (error) {
    const consoles = names.map((name) => readFile(join(folder, `${name}.console`), "utf8").catch(() => ""));
    const said = (await Promise.all(consoles)).map((text) => text.split("\n").slice(-8).join("\n"));
    await lab.close();
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n${said.join("\n")}`.trim());
  }
};
