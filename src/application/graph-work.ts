import { Context, Effect } from "effect";
import { deploymentFlake, type FlakeOptions } from "../domain/deployment/flake.ts";
import { planDeployment } from "../domain/deployment/plan.ts";
import type { Waves } from "../domain/deployment/waves.ts";
import { canonicalGraph } from "../domain/graph/canonical.ts";
import type { GraphDocument } from "../domain/graph/document.ts";
import type { Problem } from "../domain/graph/problem.ts";
import { problemsIn } from "../domain/graph/problems.ts";
import { flakeText } from "../domain/nix/mod.ts";

/** What is wrong with a graph, and its digest. */
export interface ExaminedGraph {
  readonly problems: ReadonlyArray<Problem>;
  readonly digest: string;
}

/** What a valid graph becomes: the text of its flake, the digest of that, and its hosts in waves. */
export interface RenderedGraph {
  readonly text: string;
  readonly digest: string;
  readonly waves: Waves;
  /** The fields of the graph that look like secrets. */
  readonly secretLike: ReadonlyArray<string>;
}

type Sha256 = FlakeOptions["sha256"];

/** Examines a graph: pure, and as long as the graph is large. */
export const examineGraph = (document: GraphDocument, sha256: Sha256): ExaminedGraph => ({
  problems: problemsIn(document),
  digest: sha256(canonicalGraph(document)),
});

/** Renders a valid graph: pure, and as long as the graph is large. */
export const renderGraph = (document: GraphDocument, options: FlakeOptions): RenderedGraph => {
  const flake = deploymentFlake(document, options);
  const text = flakeText(flake);
  return { text, digest: options.sha256(text), waves: planDeployment(document), secretLike: flake.secretLike };
};

/**
 * Who does the work on whole graphs, which takes seconds if they are large. By default it is done at once, where it is
 * asked for; a backend gives large graphs to a thread of their own, so that nothing else waits for them.
 */
export const GraphWork = Context.Reference<{
  readonly examine: (document: GraphDocument, sha256: Sha256) => Effect.Effect<ExaminedGraph>;
  readonly render: (document: GraphDocument, options: FlakeOptions) => Effect.Effect<RenderedGraph>;
}>("cim/application/GraphWork", {
  defaultValue: () => ({
    examine: (document, sha256) => Effect.sync(() => examineGraph(document, sha256)),
    render: (document, options) => Effect.sync(() => renderGraph(document, options)),
  }),
});
