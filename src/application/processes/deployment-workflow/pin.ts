import { Effect, Fiber, Option, Result, Schema } from "effect";
import { isAtRisk } from "../../../domain/deployment/data/fate.ts";
import { pinRemedy } from "../../../domain/deployment/open-inputs.ts";
import { wavesWith } from "../../../domain/deployment/waves.ts";
import { GraphPins } from "../../../domain/graph/host-files.ts";
import { defined } from "../../../domain/kernel/mod.ts";
import { canMean, type Pins } from "../../../domain/nix/mod.ts";
import { isTransient } from "../../command-error.ts";
import { CommandHandling } from "../../command-handling.ts";
import { dataUnder } from "../../look-ups/deployed.ts";
import { allowedFields, examinedGraph, graphAt, storableCandidateOf } from "../../look-ups/graphs.ts";
import { failFor, obstacle, Pinned, recordAmended } from "./operations.ts";

const Pinning = Schema.Struct({
  ...Pinned.fields,
  toPin: GraphPins,
  /** The deployer's result. */
  result: Schema.Json,
  requestedBy: Schema.String,
  hosts: Schema.NullOr(Schema.Array(Schema.String)),
});
const decodePinning = Schema.decodeUnknownEffect(Pinning);
const decodeResult = Schema.decodeUnknownOption(Schema.Struct({ pins: GraphPins }));

/**
 * Returns the pins of all requested inputs. Undefined if a pin is missing, names no commit or hash, or names another
 * place.
 */
const pinsIn = (result: Schema.Json, toPin: Pins): Pins | undefined => {
  const found = Option.getOrUndefined(decodeResult(result))?.pins ?? {};
  const pins = Object.entries(toPin).flatMap(([name, reference]) => {
    const pin = found[name];
    return pin === undefined || !canMean(reference, pin) ? [] : [[name, pin] as const];
  });
  return pins.length === Object.keys(toPin).length ? Object.fromEntries(pins) : undefined;
};

/**
 * Pins the inputs of a graph to what a deployer resolved, and continues with the pinned graph. The requester is the
 * author, as with `graph.pin`: a principal that may not change the graph cannot pin it this way. The graph must still
 * be the requested one. If this operation is repeated after an interruption, it finds its own pins in the graph.
 */
export const pin = Effect.fnUntraced(function* (input: Schema.Json) {
  const pinning = yield* Effect.orDie(decodePinning(input));
  const { deployment: id, graph, graphVersion, graphDigest, toPin, result, requestedBy } = pinning;
  const hosts = pinning.hosts ?? undefined;
  const names = Object.keys(toPin);
  const notPinned = (detail: string) =>
    failFor("inputs-not-pinned")(id, `${names.join(", ")}: ${detail}; ${pinRemedy(graph, names)}`);
  const pins = pinsIn(result, toPin);
  if (pins === undefined)
    return notPinned("the deployer did not name a commit or a hash of the same repository for each");
  const newest = yield* graphAt(graph);
  if (newest === undefined || !("found" in newest)) return notPinned(`graph ${graph} is gone`);
  const requested = yield* graphAt(graph, graphVersion);
  if (requested === undefined || !("found" in requested)) return notPinned(`version ${graphVersion} is gone`);
  const document = { ...requested.found.document, pins: { ...requested.found.document.pins, ...pins } };
  const { digest: pinnedDigest } = yield* examinedGraph(document);
  const { digest: newestDigest } = yield* examinedGraph(newest.found.document);
  let { version } = newest.found;
  if (newestDigest !== pinnedDigest) {
    if (newestDigest !== graphDigest)
      return notPinned(`version ${graphVersion} is not the newest one of graph ${graph}`);
    const pinned = yield* (yield* CommandHandling)
      .handle({
        aggregate: "graph",
        id: graph,
        command: "pin",
        payload: { pins },
        principal: requestedBy,
        audience: "public",
        correlationId: id,
        expectedVersion: version,
      })
      .pipe(Effect.result);
    if (Result.isFailure(pinned)) {
      const error = pinned.failure;
      return isTransient(error) ? yield* error : notPinned(error.message);
    }
    version = pinned.success.version;
  }
  const allowed = allowedFields(newest.found);
  const { candidate, store } = yield* storableCandidateOf({ document, version, allowed });
  if (candidate.is !== "revision") return notPinned(obstacle(candidate));
  const storing = yield* Effect.forkChild(store);
  const { revision } = candidate;
  const risks = (yield* dataUnder(document, hosts)).filter(isAtRisk);
  const data = risks.length === 0 ? undefined : risks;
  yield* Fiber.join(storing);
  const amended = { ...revision, waves: wavesWith(revision.waves, hosts), ...defined({ data }), changes: [], pins };
  return yield* recordAmended(id, amended, `${id}:pinned`);
});
