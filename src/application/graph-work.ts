import { Context, Effect, Option, Schema } from "effect";
import { deploymentFlake, type FlakeOptions } from "../domain/deployment/flake.ts";
import { planDeployment } from "../domain/deployment/plan.ts";
import type { Waves } from "../domain/deployment/waves.ts";
import { canonicalGraph } from "../domain/graph/canonical.ts";
import type { GraphDocument } from "../domain/graph/document.ts";
import type { Problem } from "../domain/graph/problem.ts";
import { problemsIn } from "../domain/graph/problems.ts";
import { type Flake, flakeText } from "../domain/nix/mod.ts";

/** The problems and the digest of a graph. */
export interface ExaminedGraph {
  readonly problems: ReadonlyArray<Problem>;
  readonly digest: string;
}

/** A flake, described by its stored text: the digest, the bytes in UTF-8, and the number of files. */
export interface DigestedFlake {
  readonly digest: string;
  readonly bytes: number;
  readonly files: number;
}

/** A rendered graph: its flake, and its hosts in waves. */
export interface RenderedGraph extends DigestedFlake {
  /** The text in UTF-8. It may have many megabytes, and bytes can move between threads without a copy. */
  readonly content: Uint8Array<ArrayBuffer>;
  readonly waves: Waves;
  /** The fields of the graph that look like secrets. */
  readonly secretLike: ReadonlyArray<string>;
}

type Sha256 = FlakeOptions["sha256"];

/** Examines a graph. Pure; takes long for a large graph. */
export const examineGraph = (document: GraphDocument, sha256: Sha256): ExaminedGraph => ({
  problems: problemsIn(document),
  digest: sha256(canonicalGraph(document)),
});

const digested = (text: string, bytes: number, { files }: Pick<Flake, "files">, sha256: Sha256): DigestedFlake => ({
  digest: sha256(text),
  bytes,
  files: Object.keys(files).length,
});

const utf8 = new TextEncoder();

/** Renders a valid graph. Pure; takes long for a large graph. */
export const renderGraph = (document: GraphDocument, options: FlakeOptions): RenderedGraph => {
  const flake = deploymentFlake(document, options);
  const text = flakeText(flake);
  const content = utf8.encode(text);
  return {
    ...digested(text, content.length, flake, options.sha256),
    content,
    waves: planDeployment(document),
    secretLike: flake.secretLike,
  };
};

const decodeFlake = Schema.decodeUnknownOption(
  Schema.fromJsonString(Schema.Struct({ files: Schema.Record(Schema.String, Schema.String) })),
);

/** The beginning of every flake's text. Artifacts of other kinds have digests too. */
const flakeBegins = '{"files":{';

/** Returns the files of a flake by path; undefined if the text is not a flake. */
export const filesOf = (text: string): Flake["files"] | undefined =>
  text.startsWith(flakeBegins) ? Option.getOrUndefined(decodeFlake(text))?.files : undefined;

/** Returns the flake in a text; undefined if it is not one. Pure; takes long for a long text. */
export const readFlake = (text: string, sha256: Sha256): DigestedFlake | undefined => {
  const files = filesOf(text);
  return files === undefined ? undefined : digested(text, utf8.encode(text).length, { files }, sha256);
};

/**
 * Performs the work on whole graphs, which takes seconds for large ones. By default it runs in the caller's thread. A
 * backend moves large graphs to a separate thread, so that nothing else waits for them.
 */
export const GraphWork = Context.Reference<{
  readonly examine: (document: GraphDocument, sha256: Sha256) => Effect.Effect<ExaminedGraph>;
  readonly render: (document: GraphDocument, options: FlakeOptions) => Effect.Effect<RenderedGraph>;
  readonly read: (text: string, sha256: Sha256) => Effect.Effect<DigestedFlake | undefined>;
}>("cim/application/GraphWork", {
  defaultValue: () => ({
    examine: (document, sha256) => Effect.sync(() => examineGraph(document, sha256)),
    render: (document, options) => Effect.sync(() => renderGraph(document, options)),
    read: (text, sha256) => Effect.sync(() => readFlake(text, sha256)),
  }),
});
