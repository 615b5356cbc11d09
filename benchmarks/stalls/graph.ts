import type { Client, JsonObject } from "../../src/agents/kit/mod.ts";
import { eventually } from "../support/eventually.ts";
import { onLeaf } from "../support/leaf.ts";
import { stallsOf } from "./watch.ts";

const size = 20_000;
const hosts = 200;
/** Nodes of a graph that the first import brings; each further one adds as many, so that a commit fits a message. */
const step = 5_000;
const id = "large";

/** Hosts, and services on them, one after the other, up to `nodes` in all. */
const graphOf = (nodes: number): JsonObject => {
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

/** Requests of which the client's time does not tell much: the largest ones. */
const patiently = { timeout: 120_000 };

const ask = async ({ nats }: Client, subject: string, payload: JsonObject): Promise<void> => {
  const answer = await nats.request(subject, JSON.stringify(payload), patiently);
  const { ok, error } = answer.json<{ readonly ok: boolean; readonly error?: { readonly message: string } }>();
  if (!ok) throw new Error(`${subject}: ${error?.message}`);
};

/** A graph of 20,000 nodes from its import to its deployment on simulated hosts. */
export const measureGraph = (): Promise<void> =>
  onLeaf(
    async (leaf) => {
      const { client } = leaf;
      const measure = await stallsOf(leaf);
      const importing = async () => {
        for (let nodes = step; nodes <= size; nodes += step)
          await ask(client, `cim.cmd.bench.graph.${id}.import`, graphOf(nodes));
      };
      await measure("graph-import", importing);
      await measure("graph-get", () => ask(client, "cim.qry.graphs.get", { id }));
      await measure("graph-render", () => ask(client, "cim.qry.graphs.flake", { id, files: false }));
      const request = { graph: id, target: "simulated", monitorSeconds: 0, timeoutSeconds: 900 };
      await measure("graph-deploy", async () => {
        await ask(client, "cim.cmd.bench.deployment.large-1.request", request);
        const { status, reason } = await eventually(client, "deployments", "large-1", (document) =>
          ends.has(String(document.status)),
        );
        if (status !== "succeeded") console.error(`the deployment is ${status} (${reason ?? "no reason"})`);
      });
    },
    { agents: true, simulatedStepMilliseconds: 0 },
  );
