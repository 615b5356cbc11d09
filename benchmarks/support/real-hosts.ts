import type { Client, JsonObject } from "../../src/agents/kit/mod.ts";
import { eventually } from "./eventually.ts";
import { onLeaf } from "./leaf.ts";
import { report } from "./measurement.ts";

const names = ["bus-1", "web-1", "web-2"] as const;
const monitorSeconds = 2;

interface Step {
  readonly step: string;
  readonly milliseconds?: number;
}

const isSteps = (value: unknown): value is ReadonlyArray<Step> => Array.isArray(value);

/** The sum of the durations of each step over all hosts, in seconds. Hosts of a wave are worked on at the same time. */
const secondsBySteps = (hosts: unknown): Readonly<Record<string, number>> => {
  const total: Record<string, number> = {};
  for (const { steps } of Array.isArray(hosts) ? hosts : [])
    for (const { step, milliseconds = 0 } of isSteps(steps) ? steps : [])
      total[step] = (total[step] ?? 0) + milliseconds / 1000;
  return total;
};

const deploy = async (client: Client, graph: JsonObject, acceptRemovals: ReadonlyArray<string>): Promise<void> => {
  await client.command<string, string>("graph", "shop", "import", graph);
  const start = performance.now();
  const request = { graph: "shop", target: "nixos", monitorSeconds, acceptRemovals } as const;
  await client.command("deployment", "real", "request", request);
  const ended = await eventually(client, "deployments", "real", ({ status }) =>
    ["succeeded", "failed", "rejected", "rolled-back", "rollback-incomplete"].includes(String(status)),
  );
  const value = (performance.now() - start) / 1000;
  if (ended.status !== "succeeded")
    throw new Error(`the deployment to real hosts is ${ended.status}: ${ended.detail ?? ended.reason}`);
  report({ name: "real-hosts", unit: "s", value });
  for (const [phase, took] of Object.entries(ended.phases ?? {}))
    report({ name: `real-hosts-${phase}`, unit: "s", value: Number(took) / 1000 });
  for (const [step, took] of Object.entries(secondsBySteps(ended.hosts)))
    report({ name: `real-hosts-step-${step}`, unit: "s", value: took });
};

/**
 * Five services on three machines that are made for it (see tests/support/machines), from the request of the deployment
 * to its monitored success. It shows the duration of each phase, and of each step over all hosts. It is left out, with
 * the reason on stderr, if no machines can be made.
 */
export const measureRealHosts = async (): Promise<void> => {
  const { machinesReason } = await import("../../tests/support/machines/reason.ts");
  const reason = machinesReason();
  if (reason !== undefined) {
    console.error(`real-hosts is left out: ${reason}`);
    return;
  }
  const { networkOf, startMachines } = await import("../../tests/support/machines/machines.ts");
  const { pins } = await import("../../tests/support/machines/nix-environment.ts");
  const { httpService, tcpService } = await import("../../tests/support/machines/programs.ts");
  const machines = await startMachines(names);
  // The operator runs nix and ssh in the environment of this process.
  Object.assign(process.env, machines.nixEnvironment());
  const services = [
    [{ ...tcpService("broker", 4222), public: false }, "bus-1"],
    [{ ...httpService("catalog", 8081), public: false }, "web-1"],
    [{ ...httpService("cart", 8082), public: false }, "web-1"],
    [{ ...httpService("search", 8083), public: false }, "web-2"],
    [{ ...httpService("mail", 8084), public: false }, "web-2"],
  ] as const;
  const graph = {
    id: "shop",
    nodes: [
      ...names.map((name) => ({
        id: name,
        type: "host",
        system: process.arch === "arm64" ? "aarch64-linux" : "x86_64-linux",
        address: machines.get(name).address,
      })),
      ...services.map(([service]) => service),
    ],
    edges: services.flatMap(([{ id }, host]) => [
      { from: id, to: host, type: "runs-on" },
      ...(id === "broker" ? [] : [{ from: id, to: "broker", type: "depends-on" }]),
    ]),
  };
  try {
    await onLeaf(({ client }) => deploy(client, JSON.parse(JSON.stringify(graph)), networkOf(machines)), {
      agents: true,
      pins,
      nixos: { folder: machines.folder, ssh: { arguments: [] }, buildOn: "local", checkSignatures: false },
    });
  } finally {
    await machines.close();
  }
};
