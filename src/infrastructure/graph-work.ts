import { Worker } from "node:worker_threads";
import { Effect, Layer } from "effect";
import {
  type ExaminedGraph,
  examineGraph,
  GraphWork,
  type RenderedGraph,
  renderGraph,
} from "../application/graph-work.ts";
import type { GraphDocument } from "../domain/graph/document.ts";
import type { GraphRequest, GraphWord } from "./graph-thread.ts";

/** Nodes and edges from which on a graph is large: about 50 ms of rendering. Smaller ones are done at once. */
const largeFrom = 1_000;
/** A thread without work ends after this time, and gives its memory back. */
const idleMs = 60_000;

interface Asked {
  readonly done: (result: ExaminedGraph | RenderedGraph) => void;
  readonly failed: (error: Error) => void;
}

/** Gives work to a thread, which is started when there is some. */
class GraphThread {
  readonly #asked = new Map<number, Asked>();
  #worker: Worker | undefined;
  #idle: NodeJS.Timeout | undefined;
  #number = 0;

  /** Returns the answer. Rejects if the thread ends before it has one. */
  ask(
    want: { want: "examine" } | Omit<GraphRequest & { want: "render" }, "number" | "document">,
    document: GraphDocument,
  ) {
    return new Promise<ExaminedGraph | RenderedGraph>((done, failed) => {
      clearTimeout(this.#idle);
      const number = this.#number++;
      this.#asked.set(number, { done, failed });
      this.#worker ??= this.#start();
      this.#worker.postMessage({ ...want, number, document: JSON.stringify(document) } satisfies GraphRequest);
    });
  }

  async end(): Promise<void> {
    clearTimeout(this.#idle);
    await this.#worker?.terminate();
  }

  #start(): Worker {
    const worker = new Worker(new URL("./graph-thread.ts", import.meta.url));
    let why = new Error("the thread for large graphs has ended");
    worker.on("message", (word: GraphWord) => {
      const asked = this.#asked.get(word.number);
      this.#asked.delete(word.number);
      if (word.is === "done") asked?.done(word.result);
      else asked?.failed(new Error(word.why));
      if (this.#asked.size === 0) this.#idle = setTimeout(() => void worker.terminate(), idleMs);
    });
    worker.on("error", (error) => {
      if (error instanceof Error) why = error;
    });
    worker.on("exit", () => {
      if (this.#worker === worker) this.#worker = undefined;
      for (const { failed } of this.#asked.values()) failed(why);
      this.#asked.clear();
    });
    return worker;
  }
}

const isLarge = ({ nodes, edges }: GraphDocument): boolean => nodes.length + edges.length >= largeFrom;

/** Does the work on large graphs in a thread of their own. */
export const graphWorkLayer = Layer.effect(
  GraphWork,
  Effect.gen(function* () {
    const thread = yield* Effect.acquireRelease(
      Effect.sync(() => new GraphThread()),
      (started) => Effect.promise(() => started.end()),
    );
    return {
      examine: (document, sha256) =>
        isLarge(document)
          ? Effect.promise(() => thread.ask({ want: "examine" }, document) as Promise<ExaminedGraph>)
          : Effect.sync(() => examineGraph(document, sha256)),
      render: (document, options) =>
        isLarge(document)
          ? Effect.promise(() => thread.ask({ want: "render", pins: options.pins }, document) as Promise<RenderedGraph>)
          : Effect.sync(() => renderGraph(document, options)),
    };
  }),
);
