import { useMemo } from "react";
import type { DocumentOf } from "../../../../contract/views/mod.ts";
import type { GraphDocument } from "../../../../domain/graph/document.ts";
import { defined } from "../../../../domain/kernel/mod.ts";
import { useQuery } from "../../data/query.ts";
import { runningVersions } from "../../parts/running.ts";
import type { GraphAt } from "../../parts/text/flake.tsx";
import type { Side } from "./side.ts";

/** What a side turned out to be. */
export type Found =
  | { readonly state: "loading" }
  | { readonly state: "failed"; readonly error: unknown }
  | { readonly state: "graph"; readonly at: GraphAt; readonly document: GraphDocument }
  | { readonly state: "host"; readonly document: DocumentOf<"hosts">; readonly value: object | undefined };

/** Asks for what a side names, as it is now or at the moment that one has travelled to. */
export const useSide = (side: Side | undefined): Found => {
  const isRunning = side?.kind === "running";
  const isHost = side?.kind === "host";
  const deployment = useQuery(
    "deployments",
    "get",
    { id: side?.kind === "deployment" ? side.deployment : "" },
    { enabled: side?.kind === "deployment" },
  );
  const hosts = useQuery("hosts", "list", { limit: 1_000 }, { enabled: isRunning });
  const host = useQuery("hosts", "get", { id: isHost ? side.host : "" }, { enabled: isHost, refresh: ["host"] });
  const wanted = useMemo((): { readonly id: string; readonly version?: number } | "nothing" | undefined => {
    switch (side?.kind) {
      case "graph":
        return { id: side.graph, ...defined({ version: side.version }) };
      case "deployment":
        return deployment.data && { id: deployment.data.graph, version: deployment.data.graphVersion };
      case "running": {
        if (hosts.data === undefined) return undefined;
        const [version] = runningVersions(side.graph, hosts.data.items);
        return version === undefined ? "nothing" : { id: side.graph, version };
      }
      default:
        return undefined;
    }
  }, [side, deployment.data, hosts.data]);
  const isWanted = wanted !== undefined && wanted !== "nothing";
  const graph = useQuery("graphs", "get", isWanted ? wanted : { id: "" }, { enabled: isWanted, refresh: ["graph"] });
  return useMemo((): Found => {
    const error = deployment.error ?? hosts.error ?? host.error ?? graph.error;
    if (side !== undefined && error !== undefined) return { state: "failed", error };
    if (side?.kind === "running" && wanted === "nothing")
      return { state: "failed", error: new Error(`nothing of ${side.graph} runs`) };
    if (side?.kind === "host") {
      if (host.data === undefined) return { state: "loading" };
      return {
        state: "host",
        document: host.data,
        value: side.state === "desired" ? host.data.desired : looked(host.data),
      };
    }
    if (graph.data === undefined || graph.isLoading) return { state: "loading" };
    const { id, description, nodes, edges, version } = graph.data;
    return { state: "graph", at: { graph: id, version }, document: defined({ id, description, nodes, edges }) };
  }, [side, wanted, deployment.error, hosts.error, host, graph]);
};

/** What was seen of a host, in the words that its desired state has too. */
const looked = ({ closure, health, failing, observed }: DocumentOf<"hosts">): object =>
  defined({ closure, health, failing, observed });
