import { parentPort } from "node:worker_threads";
import { type ReferenceAgentsOptions, startReferenceAgents } from "../agents/reference.ts";
import { defined } from "../domain/kernel/mod.ts";
import { connectGathering } from "../infrastructure/nats/client-internals.ts";
import { type ConnectionSettings, connectionOptions } from "../infrastructure/nats/connection-options.ts";
import { NixosHosts, type NixosOptions } from "../infrastructure/nixos/nixos-hosts.ts";
import { SimulatedHosts } from "../infrastructure/simulated/mod.ts";

/** What the thread is asked: to start the agents, and to stop them and end. */
export type AgentsRequest =
  | {
      readonly want: "start";
      readonly connection: ConnectionSettings;
      readonly agents: Omit<ReferenceAgentsOptions, "operators" | keyof ConnectionSettings>;
      /** Milliseconds that a step on a simulated host takes. */
      readonly stepMilliseconds?: number;
      readonly nixos?: NixosOptions;
    }
  | { readonly want: "stop" };

/** The answer to `start`. If the agents do not start, the thread ends with the reason. */
export type AgentsWord = { readonly is: "started" };

const start = async (request: AgentsRequest & { readonly want: "start" }) => {
  const { connection, stepMilliseconds, nixos } = request;
  const nc = await connectGathering(connectionOptions(connection));
  const operators = {
    simulated: await SimulatedHosts.open(nc, connection.prefix, defined({ stepMilliseconds })),
    ...defined({ nixos: nixos === undefined ? undefined : await NixosHosts.open(nixos) }),
  };
  const { stop } = await startReferenceAgents({ ...connection, ...request.agents, operators });
  return { stop: () => stop().finally(() => nc.close()) };
};

let running: Promise<{ readonly stop: () => Promise<void> }> | undefined;

const obey = async (request: AgentsRequest): Promise<void> => {
  if (request.want === "start") {
    running = start(request);
    await running;
    parentPort?.postMessage({ is: "started" } satisfies AgentsWord);
    return;
  }
  await (await running)?.stop();
  process.exit();
};

/** The thread of the reference agents. What they work on stops no command, and their rules may take their time. */
parentPort?.on("message", (request: AgentsRequest) => {
  // Whatever fails ends the thread, and the main thread gets the error.
  obey(request).catch((error: unknown) => {
    throw error;
  });
});
