import { Worker } from "node:worker_threads";
import { Effect, Layer } from "effect";
import {
  type DigestedFlake,
  type ExaminedGraph,
  examineGraph,
  GraphWork,
  type RenderedGraph,
  readFlake,
  renderGraph,
} from "../application/graph-work.ts";
import { inSlices } from "../application/time-slices.ts";
import type { GraphDocument } from "../domain/graph/document.ts";
import { defined, jsonInSteps } from "../domain/kernel/mod.ts";
import type { Pins } from "../domain/nix/mod.ts";
import type { GraphRequest, GraphResult, GraphWish, GraphWord, RenderOptions } from "./graph-thread.ts";

/** A graph is large from 1,000 nodes and edges, which take about 50 ms to render. Smaller ones are done at once. */
const largeFrom = 1_000;
/** The text of a flake is large from this number of characters. */
const largeText = 1_000_000;
/** An idle thread ends after this time and frees its memory. */
const idleMs = 60_000;

/** Returns the JSON of a document, made in slices of time. */
const textOf = (document: GraphDocument): Promise<string> => Effect.runPromise(inSlices(() => jsonInSteps(document)));

interface Asked {
  readonly done: (result: GraphResult) => void;
  readonly failed: (error: Error) => void;
}

/** Gives work to a thread. The thread starts with the first request. */
class GraphThread {
  readonly #asked = new Map<number, Asked>();
  #worker: Worker | undefined;
  #idle: NodeJS.Timeout | undefined;
  #number = 0;
  #rendering:
    | { readonly document: GraphDocument; readonly pins: Pins | undefined; readonly rendered: Promise<RenderedGraph> }
    | undefined;

  async examine(document: GraphDocument): Promise<ExaminedGraph> {
    return this.#ask({ want: "examine", document: await textOf(document) });
  }

  /**
   * Renders a document. The newest rendering is kept while the thread lives. A command has a time limit, so a caller
   * may stop waiting before the rendering is done. It gets that rendering when it asks again.
   */
  render(document: GraphDocument, { pins, texts }: RenderOptions): Promise<RenderedGraph> {
    const known = this.#rendering;
    if (known?.document === document && known.pins === pins) return known.rendered;
    const options = defined({ pins, texts });
    const rendered = textOf(document).then((text) =>
      this.#ask<RenderedGraph>({ want: "render", document: text, options }),
    );
    this.#rendering = { document, pins, rendered };
    return rendered;
  }

  read(text: string): Promise<DigestedFlake | undefined> {
    return this.#ask({ want: "read", text });
  }

  async end(): Promise<void> {
    clearTimeout(this.#idle);
    await this.#worker?.terminate();
  }

  /** Returns the answer. Rejects if the thread ends before it has one. */
  #ask<Result extends GraphResult>(wish: GraphWish): Promise<Result> {
    return new Promise((done, failed) => {
      clearTimeout(this.#idle);
      const number = this.#number++;
      this.#asked.set(number, { done: (result) => done(result as Result), failed });
      this.#worker ??= this.#start();
      this.#worker.postMessage({ ...wish, number } satisfies GraphRequest);
    });
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
      this.#rendering = undefined;
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
          ? Effect.promise(() => thread.examine(document))
          : Effect.sync(() => examineGraph(document, sha256)),
      render: (document, options) =>
        isLarge(document)
          ? Effect.promise(() => thread.render(document, options))
          : Effect.sync(() => renderGraph(document, options)),
      read: (text, sha256) =>
        text.length >= largeText ? Effect.promise(() => thread.read(text)) : Effect.sync(() => readFlake(text, sha256)),
    };
  }),
);
