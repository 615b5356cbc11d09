import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Installation, installation } from "../../support/installation.ts";
import { type Machines, networkOf, startMachines } from "../../support/machines/machines.ts";
import { pins } from "../../support/machines/nix-environment.ts";
import { type Ended, cim as run } from "../cli/cim.ts";

/** Machines, and an installation that deploys to them. */
export interface Fleet {
  readonly machines: Machines;
  readonly leaf: Installation;
  /** Starts one more backend with its agents, which deploys to the machines. */
  readonly up: (...args: ReadonlyArray<string>) => ReturnType<Installation["up"]>;
  readonly cim: (...args: ReadonlyArray<string>) => Promise<Ended>;
  /** Deploys a graph to the machines, and reads what `cim deploy --json` printed last. */
  readonly deploy: (graph: GraphFile, ...args: ReadonlyArray<string>) => Promise<Deployed>;
  /** `cim deploy FILE --dry-run`. */
  readonly dryRun: (file: string) => Promise<Ended>;
  /** `cim plan FILE --packages`, where nix is that of the machines. */
  readonly planPackages: (file: string) => Promise<Ended>;
  /** `cim hosts adopt`, which asks no backend. */
  readonly adopt: (...args: ReadonlyArray<string>) => Promise<Ended>;
  readonly dispose: () => Promise<void>;
}

export interface GraphFile {
  readonly id: string;
  readonly nodes: ReadonlyArray<Readonly<Record<string, unknown>>>;
  readonly edges: ReadonlyArray<Readonly<Record<string, unknown>>>;
}

/** How a deployment ended. */
export interface Deployed extends Ended {
  readonly status: string | undefined;
  /** What went wrong, in words. */
  readonly detail: string | undefined;
  readonly id: string;
  readonly hosts: ReadonlyArray<{ readonly id: string; readonly status: string; readonly closure?: string }>;
}

/** Seconds after which a host that does not answer is given up, and one goes back that is not confirmed. */
const patience = ["--reach-seconds", "6", "--confirm-seconds", "4"];
const timing = ["--discussion-seconds", "10", "--voting-seconds", "20", "--monitor-seconds", "1", "--timeout", "200"];

export const fleet = async (names: ReadonlyArray<string>): Promise<Fleet> => {
  const machines = await startMachines(names, { storeMib: 24 });
  const leaf = await installation(machines.nixEnvironment());
  const pinned = Object.entries(pins).flatMap(([input, reference]) => ["--pin", `${input}=${reference}`]);
  const env = Object.fromEntries(
    Object.entries(machines.nixEnvironment()).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
  const asAda = ["--nats", leaf.nats.url, "--prefix", leaf.nats.prefix, "--as", "ada"];
  const cim: Fleet["cim"] = (...args) => run([...args, ...asAda]);
  return {
    machines,
    leaf,
    cim,
    up: (...args) => leaf.up(...pinned, ...patience, ...args),
    deploy: async (graph, ...args) => {
      const file = join(machines.folder, `${graph.id}.json`);
      await writeFile(file, JSON.stringify(graph));
      const accepted = ["--accept-removal", ...networkOf(machines)];
      const ended = await cim("deploy", file, "--target", "nixos", "--json", ...timing, ...accepted, ...args);
      const last = ended.stdout.trim().split("\n").at(-1) ?? "";
      const [summary] = last.startsWith("{") ? (JSON.parse(last).deployments ?? []) : [];
      const id = summary?.id ?? "";
      const { data } = id === "" ? { data: {} } : await leaf.client.query("deployments", "get", { id });
      return { ...ended, status: summary?.status, id, hosts: summary?.hosts ?? [], detail: Object(data).detail };
    },
    dryRun: (file) => run(["deploy", file, "--target", "nixos", "--dry-run", "--json", ...pinned], { env }),
    planPackages: (file) => run(["plan", file, "--packages", "--json", ...asAda], { env }),
    adopt: (...args) => run(["hosts", "adopt", ...args], { env }),
    dispose: async () => {
      await leaf.dispose();
      await machines.close();
    },
  };
};

/** A host of a graph that is a machine. */
export const hostNode = (machines: Machines, name: string) => ({
  id: name,
  type: "host",
  system: process.arch === "arm64" ? "aarch64-linux" : "x86_64-linux",
  address: machines.get(name).address,
});
