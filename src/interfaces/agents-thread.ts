import { parentPort } from "node:worker_threads";
import { type AgentsSettings, type RunningAgents, startAgentsWith } from "./agents-work.ts";

/** What the thread is asked: to start the agents, and to stop them and end. */
export type AgentsRequest = (AgentsSettings & { readonly want: "start" }) | { readonly want: "stop" };

/** The answer to `start`. If the agents do not start, the thread ends with the reason. */
export type AgentsWord = { readonly is: "started" };

let running: Promise<RunningAgents> | undefined;

const obey = async (request: AgentsRequest): Promise<void> => {
  if (request.want === "start") {
    running = startAgentsWith(request);
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
