import { parentPort } from "node:worker_threads";
import {
  type DigestedFlake,
  type ExaminedGraph,
  examineGraph,
  type RenderedGraph,
  readFlake,
  renderGraph,
} from "../application/graph-work.ts";
import type { FlakeOptions } from "../domain/deployment/flake.ts";
import type { GraphDocument } from "../domain/graph/document.ts";
import { digests } from "./digests.ts";
import { messageOf } from "./message-of.ts";

/**
 * A request to the thread. A document is sent as JSON, because a text is copied to another thread faster than objects.
 */
export type GraphRequest = { readonly number: number } & GraphWish;

/** The options of a rendering that can be sent to another thread. Functions cannot. */
export type RenderOptions = Pick<FlakeOptions, "pins" | "texts">;

export type GraphWish =
  | { readonly want: "examine"; readonly document: string }
  | { readonly want: "render"; readonly document: string; readonly options: RenderOptions }
  | { readonly want: "read"; readonly text: string };

export type GraphResult = ExaminedGraph | RenderedGraph | DigestedFlake | undefined;

/** The answer of the thread, or the reason why it has none. */
export type GraphWord = { readonly number: number } & (
  | { readonly is: "done"; readonly result: GraphResult }
  | { readonly is: "failed"; readonly why: string }
);

/** Sends an answer. A rendered flake has its own buffer, which is moved to the other thread and not copied. */
const say = (word: GraphWord): void => {
  const isMoved = word.is === "done" && word.result !== undefined && "content" in word.result;
  parentPort?.postMessage(word, isMoved ? [word.result.content.buffer] : []);
};

const work = (request: GraphRequest): GraphResult => {
  const { sha256 } = digests;
  if (request.want === "read") return readFlake(request.text, sha256);
  const document: GraphDocument = JSON.parse(request.document);
  if (request.want === "examine") return examineGraph(document, sha256);
  return renderGraph(document, { sha256, ...request.options });
};

/** Works on large graphs, one at a time, so that the main thread keeps answering requests. */
parentPort?.on("message", (request: GraphRequest) => {
  const { number } = request;
  try {
    say({ number, is: "done", result: work(request) });
  } catch (error) {
    say({ number, is: "failed", why: messageOf(error) });
  }
});
