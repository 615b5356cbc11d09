import { randomInt } from "node:crypto";
import { Option, Schema } from "effect";
import type { Client } from "../../../agents/kit/mod.ts";
import { Revision } from "../../../domain/deployment/contract.ts";
import { defined } from "../../../domain/kernel/mod.ts";
import { unchecked } from "../connection.ts";
import { CliFailure } from "../errors.ts";
import { importPayload, type SourceGraph } from "../graph/source.ts";
import type { Invocation } from "../invocation.ts";

const longestGraph = 63;

/** A new id: the graph, then time and chance in base 36. The ids of a graph sort by time. */
export const newDeploymentId = (graph: string): string => {
  const chance = randomInt(36 ** 4)
    .toString(36)
    .padStart(4, "0");
  return `${graph.slice(0, longestGraph)}-${Date.now().toString(36)}${chance}`;
};

/** What the user wants of a deployment. `timeout` is in seconds, as the others are. */
export interface Wishes {
  readonly version?: number;
  readonly target: string;
  readonly protocol?: string;
  readonly threshold?: string;
  /** Why to deploy a revision again that was rolled back. */
  readonly insist?: string;
  readonly hosts?: ReadonlyArray<string>;
  /** The nodes whose data may be lost. */
  readonly acceptDataLoss?: ReadonlyArray<string>;
  /** The inputs that may stay unpinned. */
  readonly unpinned?: ReadonlyArray<string>;
  /** Hosts of other graphs that this one is to have. */
  readonly takeOver?: ReadonlyArray<string>;
  readonly maxParallel?: number;
  readonly activation?: string;
  /** What hosts may lose: `HOST:NAME`, as the refusal names it. */
  readonly acceptRemoval?: ReadonlyArray<string>;
  readonly reboot?: boolean;
  readonly discussionSeconds?: number;
  readonly votingSeconds?: number;
  readonly monitorSeconds?: number;
  readonly timeout?: number;
  /** Why to deploy past what is in the way. */
  readonly breakGlass?: string;
}

/** A graph in the log, at a version; without a version the newest. */
export interface Chosen {
  readonly graph: string;
  readonly version: number | undefined;
}

/** Imports the document, so that the graph in the log becomes what it says. */
export const imported = async (
  cli: Invocation,
  client: Client,
  graph: Pick<SourceGraph, "document" | "texts">,
  allowSecretLike?: ReadonlyArray<string>,
): Promise<Chosen> => {
  const payload = importPayload(graph, allowSecretLike);
  const { id, version, events } = await unchecked(client)("graph", graph.document.id, "import", payload, {
    signal: cli.signal,
  });
  cli.output.note(
    `graph ${id} version ${version}${events.length === 0 ? ", as it was" : ` (${events.length} changes)`}`,
  );
  return { graph: id, version };
};

/** What would be deployed, by its digests: a break-glass is for that alone. */
const digestsOf = async (
  cli: Invocation,
  client: Client,
  graph: { readonly graph: string; readonly version?: number },
) => {
  const { data } = await client.query("deployments", "plan", graph, { signal: cli.signal });
  return { graphDigest: data.graphDigest, flakeDigest: data.flakeDigest };
};

/** Requests a deployment and returns its id. */
export const requestDeployment = async (
  cli: Invocation,
  client: Client,
  { graph, version }: Chosen,
  options: Wishes,
): Promise<string> => {
  const id = newDeploymentId(graph);
  const {
    target,
    protocol,
    threshold,
    insist: reason,
    hosts,
    takeOver,
    maxParallel,
    activation,
    acceptRemoval: acceptRemovals,
    reboot,
    acceptDataLoss,
    unpinned,
    discussionSeconds,
    votingSeconds,
    monitorSeconds,
    timeout: timeoutSeconds,
  } = options;
  const how = { hosts, takeOver, maxParallel, activation, acceptDataLoss, acceptRemovals, reboot, unpinned };
  const wishes = { version: options.version, protocol, threshold, ...how };
  const insist = reason === undefined ? undefined : true;
  const limits = { discussionSeconds, votingSeconds, monitorSeconds, timeoutSeconds };
  const breakGlass =
    options.breakGlass === undefined
      ? undefined
      : { reason: options.breakGlass, ...(await digestsOf(cli, client, defined({ graph, version }))) };
  const payload = { graph, target, ...defined({ insist, reason, breakGlass, ...wishes, ...limits }) };
  const { position } = await unchecked(client)("deployment", id, "request", payload, { signal: cli.signal });
  await sameVersion(client, id, version, position);
  return id;
};

/** The version in the first event of a deployment. */
const decodePin = Schema.decodeUnknownOption(Schema.Struct({ graphVersion: Revision.fields.graphVersion }));

/**
 * Cancels the deployment if it has not begun with the version that this command has imported. A deployment follows its
 * graph, so a change by someone else in between would be deployed unseen.
 */
const sameVersion = async (client: Client, id: string, version: number | undefined, minPosition: number) => {
  if (version === undefined) return;
  const { data } = await client.query("audit", "event", { id: `deployment.${id}.1` }, { minPosition });
  const pinned = Option.getOrUndefined(decodePin(data.data))?.graphVersion;
  if (pinned === version) return;
  const reason = `the graph was changed at the same time: version ${pinned} instead of ${version}`;
  await client.command("deployment", id, "cancel", { reason });
  throw new CliFailure(`deployment ${id} is cancelled, because ${reason}: deploy again`);
};
