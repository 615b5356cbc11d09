import type { Client, JsonObject } from "../src/agents/kit/mod.ts";
import { eventually } from "./support/eventually.ts";
import { onLeaf } from "./support/leaf.ts";
import { median, milliseconds, report } from "./support/measurement.ts";
import { measureRealHosts } from "./support/real-hosts.ts";

/**
 * How long a deployment without findings takes, from its request to its success, with the reference agents. Steps on
 * the simulated hosts take no time and there is no monitoring, so the rest is the time of the backend and the agents.
 */
const runs = 5;
const large = 200;
const waves = 10;

/** Hosts with one service each, in this number of waves. A service depends on one of the wave before. */
const graphOf = (id: string, hosts: number, inWaves = 1): JsonObject => {
  const width = Math.ceil(hosts / inWaves);
  const numbers = Array.from({ length: hosts }, (_, index) => index);
  return {
    id,
    nodes: [
      ...numbers.map((number) => ({
        id: `${id}-host-${number}`,
        type: "host",
        system: "x86_64-linux",
        address: `10.0.${number >> 8}.${number & 255}`,
        rootDevice: "/dev/vda1",
      })),
      ...numbers.map((number) => ({
        id: `${id}-web-${number}`,
        type: "service",
        command: "/run/current-system/sw/bin/web",
        port: 8080,
        healthCheck: { kind: "tcp" },
      })),
    ],
    edges: numbers.flatMap((number) => [
      { from: `${id}-web-${number}`, to: `${id}-host-${number}`, type: "runs-on" },
      ...(number < width
        ? []
        : [{ from: `${id}-web-${number}`, to: `${id}-web-${number - width}`, type: "depends-on" }]),
    ]),
  };
};

const ends = new Set(["succeeded", "failed", "cancelled", "rejected", "rolled-back", "rollback-incomplete"]);

const deploy = async (client: Client, graph: string): Promise<void> => {
  const id = `${graph}-1`;
  await client.command("deployment", id, "request", { graph, target: "simulated", monitorSeconds: 0 });
  const { status, reason } = await eventually(client, "deployments", id, (document) =>
    ends.has(String(document.status)),
  );
  if (status !== "succeeded") throw new Error(`the deployment of ${graph} is ${status} (${reason ?? "no reason"})`);
};

await onLeaf(
  async ({ client }) => {
    const seconds = async (graph: string, hosts: number, inWaves = 1): Promise<number> => {
      await client.command<string, string>("graph", graph, "import", graphOf(graph, hosts, inWaves));
      return (await milliseconds(() => deploy(client, graph))) / 1000;
    };
    await seconds("warm-up", 1);
    const small: Array<number> = [];
    for (let run = 0; run < runs; run++) small.push(await seconds(`small-${run}`, 1));
    report({ name: "overhead", unit: "s", value: median(small) });
    report({ name: `simulated-${large}`, unit: "s", value: await seconds("large", large, waves) });
  },
  { agents: true, simulatedStepMilliseconds: 0 },
);
await measureRealHosts();
