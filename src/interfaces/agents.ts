import { Worker } from "node:worker_threads";
import { Effect, Schema } from "effect";
import { messageOf } from "../infrastructure/message-of.ts";
import type { AgentsRequest, AgentsWord } from "./agents-thread.ts";
import type { AgentsSettings } from "./agents-work.ts";

export class AgentsFailed extends Schema.TaggedError<AgentsFailed>()("AgentsFailed", { message: Schema.String }) {}

/** The thread of the reference agents. It loads their code while the backend starts. */
export class AgentsThread {
  #worker = this.#load();
  /** Resolved with the reason when the thread has ended. */
  ended: Promise<string> = this.#end();

  /** Starts the agents, in a new thread if the old one has ended. Rejects if they do not start. */
  async start(settings: AgentsSettings): Promise<void> {
    if (this.#worker.threadId < 0) {
      this.#worker = this.#load();
      this.ended = this.#end();
    }
    const worker = this.#worker;
    worker.postMessage({ want: "start", ...settings } satisfies AgentsRequest);
    const started = new Promise<AgentsWord>((resolve) => worker.once("message", resolve));
    const over = this.ended.then((why) => Promise.reject(new Error(why)));
    await Promise.race([started, over]);
  }

  /** Stops the agents and ends the thread. */
  async stop(): Promise<void> {
    this.#worker.postMessage({ want: "stop" } satisfies AgentsRequest);
    await this.ended;
  }

  /** Ends the thread, if it has not ended. */
  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  #load(): Worker {
    return new Worker(new URL("./agents-thread.ts", import.meta.url));
  }

  #end(): Promise<string> {
    const worker = this.#worker;
    return new Promise((resolve) => {
      worker.once("error", (error) => resolve(messageOf(error)));
      worker.once("exit", () => resolve("it ended by itself"));
    });
  }
}

/** Begins to load the reference agents, in a thread of their own. It ends when the scope closes. */
export const loadAgents = Effect.acquireRelease(
  Effect.sync(() => new AgentsThread()),
  (thread) => Effect.promise(() => thread.end()),
);

/** Starts the reference agents, which stop when the scope closes. If their thread ends, they start again. */
export const startAgents = Effect.fnUntraced(function* (thread: AgentsThread, settings: AgentsSettings) {
  const start = Effect.tryPromise({
    try: () => thread.start(settings),
    catch: (error) => new AgentsFailed({ message: `the reference agents did not start: ${messageOf(error)}` }),
  });
  yield* Effect.acquireRelease(start, () => Effect.promise(() => thread.stop()));
  yield* Effect.suspend(() => Effect.promise(() => thread.ended)).pipe(
    Effect.flatMap((why) => Effect.logWarning(`the reference agents have ended, and start again: ${why}`)),
    Effect.andThen(Effect.sleep("1 second")),
    Effect.andThen(Effect.ignore(start)),
    Effect.forever,
    Effect.forkScoped,
  );
});
