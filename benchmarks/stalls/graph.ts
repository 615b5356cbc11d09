import type { Client, JsonObject } from "../../src/agents/kit/mod.ts";
import { eventually } from "../support/eventually.ts";
import { onLeaf } from "../support/leaf.ts";
import { stallsOf } from "./watch.ts";

const size = 20_000;
const hosts = 200;
/** Nodes of the graph that is deployed. */
const smaller = 2_000;
/** Nodes of a graph that the first import brings; each further one adds as many, so that a commit fits a message. */
const step = 5_000;
const id = "large";

/** A graph of this number of nodes: 200 hosts, and services on them. */
export const largeGraph = (nodes: number, id: string): JsonObject => {
  const services = Array.from({ length: nodes - hosts }, (_, index) => ({
    service: `service-${index}`,
    host: `host-${index % hosts}`,
    port: 8_000 + Math.floor(index / hosts),
  }));
  return {
    id,
    nodes: [
      ...Array.from({ length: hosts }, (_, host) => ({
        id: `host-${host}`,
        type: "host",
        system: "x86_64-linux",
        address: `10.0.${host >> 8}.${host & 255}`,
        rootDevice: "/dev/vda1",
      })),
      ...services.map(({ service, port }) => ({
        id: service,
        type: "service",
        command: "/run/current-system/sw/bin/web",
        port,
        healthCheck: { kind: "tcp" },
      })),
    ],
    edges: services.map(({ service, host }) => ({ from: service, to: host, type: "runs-on" })),
  };
};

const ends = new Set(["succeeded", "failed", "cancelled", "rejected", "rolled-back", "rollback-incomplete"]);

/** The largest requests: the time that the client measures says little about them. */
const patiently = { timeout: 120_000 };

interface Answer {
  readonly ok: boolean;
  readonly error?: { readonly code: string; readonly message: string };
}

/** Asks, and again if a busy machine took longer than a command may. */
const ask = async (client: Client, subject: string, payload: JsonObject, again = 5): Promise<void> => {
  const answer = await client.nats.request(subject, JSON.stringify(payload), patiently);
  const { ok, error } = answer.json<Answer>();
  if (ok) return;
  if (error?.code === "timeout" && again > 0) return ask(client, subject, payload, again - 1);
  throw new Error(`${subject}: ${error?.message}`);
};

/** A graph of 20,000 nodes from its import to its deployment on simulated hosts. */
export const measureGraph = (): Promise<void> =>
  onLeaf(
    async (leaf) => {
      const { client } = leaf;
      const measure = await stallsOf(leaf);
      const importing = async () => {
        for (let nodes = step; nodes <= size; nodes += step)
          await ask(client, `cim.cmd.bench.graph.${id}.import`, largeGraph(nodes, id));
      };
      await measure("graph-import", importing);
      await measure("graph-get", () => ask(client, "cim.qry.graphs.get", { id }));
      await measure("graph-render", () => ask(client, "cim.qry.graphs.flake", { id, files: false }));
      const request = async (graph: string, isOver: (status: string) => boolean) => {
        const wanted = { graph, target: "simulated" as const, monitorSeconds: 0, timeoutSeconds: 900 };
        await ask(client, `cim.cmd.bench.deployment.${graph}-1.request`, wanted);
        const { status, reason } = await eventually(client, "deployments", `${graph}-1`, (document) =>
          isOver(String(document.status)),
        );
        return `${status} (${reason ?? "no reason"})`;
      };
      // Its flake does not fit a message, so no deployer gets it.
      await measure("graph-review", () => request(id, (status) => status !== "requested" && status !== "discussing"));
      await ask(client, "cim.cmd.bench.graph.smaller.import", largeGraph(smaller, "smaller"));
      await measure("graph-deploy", async () => {
        const end = await request("smaller", (status) => ends.has(status));
        if (!end.startsWith("succeeded")) throw new Error(`the deployment is ${end}`);
      });
    },
    { agents: true, simulatedStepMilliseconds: 0 },
  );
