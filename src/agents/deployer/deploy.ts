import { hash } from "node:crypto";
import pLimit from "p-limit";
import { DeployTask } from "../../contract/host-tasks.ts";
import type { Flake, Operator } from "../../contract/hosts.ts";
import { glassFor, passesFreeze } from "../../domain/deployment/glass.ts";
import { freezesOn } from "../../domain/freeze/scope.ts";
import { canonicalJson } from "../../domain/kernel/mod.ts";
import { reader } from "../kit/json.ts";
import { type Client, type TaskContext, TaskFailed } from "../kit/mod.ts";
import { pause } from "../kit/waiting.ts";
import { deployHost, type Patience, type Tell } from "./deploy-host.ts";
import { newWay } from "./patience.ts";
import { type HostStatus, isStep, lastReport, steps } from "./protocol.ts";

const readDeployTask = reader(DeployTask, "the payload of a task deploy");

/** Hosts of a wave that are worked on at once if the task does not say. */
const width = 16;
/** Milliseconds that the view may take to show the last report. */
const catchUpMilliseconds = 30_000;

/** The parts of a task's context that a deployment needs. */
export type DeployContext = Omit<TaskContext, "client"> & { readonly client: Pick<Client, "query"> };

/** Returns the function that publishes what the programs of a deployment print. */
export type TellOf = (deployment: string) => Tell;

/**
 * Does the task `deploy`: wave after wave, with the hosts of a wave side by side. Goes on at the step at which an
 * earlier run was cut off.
 */
export const deploy = async (
  context: DeployContext,
  operatorOf: (target: string) => Operator,
  patience: Patience,
  tellOf: TellOf,
): Promise<undefined> => {
  const request = readDeployTask(context.task.payload);
  const tell = tellOf(request.deployment);
  const operator = operatorOf(request.target);
  const flake = await approvedFlake(context, request);
  const statuses = await hostStatuses(context, request.deployment);
  for (const wave of request.waves) {
    const failed = new AbortController();
    const stop = AbortSignal.any([context.signal, failed.signal]);
    const slot = pLimit(request.maxParallel ?? width);
    const hosts = wave.map((host) =>
      slot(async () => {
        stop.throwIfAborted();
        if (!isBegun(statuses.get(host.host))) await untilThawed(context, request, host.host, stop);
        const before = request.reached?.find((one) => one.host === host.host);
        await deployHost({
          operator,
          deployment: request.deployment,
          flake,
          host: newWay(host, before),
          before,
          activation: request.activation ?? "switch",
          acceptRemovals: request.acceptRemovals ?? [],
          reboot: request.reboot ?? false,
          status: statuses.get(host.host),
          ...patience,
          report: (data) => context.progress({ message: `${data.host}: ${data.step}`, data }),
          tell,
          signal: context.signal,
          stop,
        });
      }).catch((error: unknown) => {
        // The first failure stops the others, so that no host changes while the way back begins.
        failed.abort(error);
        throw error;
      }),
    );
    await Promise.allSettled(hosts);
    stop.throwIfAborted();
  }
  return undefined;
};

/** Milliseconds between two looks at what is frozen. */
const thawMilliseconds = 1_000;

const isBegun = (status: HostStatus | undefined): boolean => status !== undefined && status.status !== "pending";

/**
 * Waits while the host may not be begun, because it, its graph or everything is frozen, and nobody broke the glass for
 * the deployment after that.
 */
const untilThawed = async (
  { client }: DeployContext,
  { graph, deployment: id }: DeployTask,
  host: string,
  signal: AbortSignal,
) => {
  const scopes = freezesOn({ graph, hosts: [host] });
  for (;;) {
    const { data } = await client.query("freezes", "list", { filter: { frozen: true }, limit: 1000 }, { signal });
    const standing = data.items.filter((one) => scopes.includes(one.id));
    if (standing.length === 0) return;
    const { data: document } = await client.query("deployments", "get", { id }, { signal });
    const glass = glassFor(document.glass, document);
    if (standing.every(({ id: freeze, since = "" }) => passesFreeze(glass, { id: freeze, since }))) return;
    await pause(thawMilliseconds, signal);
    signal.throwIfAborted();
  }
};

/**
 * Returns the flake that was approved, read by its digest. The files are checked against the digest here too, so that
 * hosts get exactly what was voted on, even if the files were altered on their way.
 */
const approvedFlake = async (
  { client, position, signal }: DeployContext,
  { graph: id, graphVersion: version, flakeDigest: digest }: DeployTask,
): Promise<Flake> => {
  const { data } = await client.query("graphs", "flake", { id, version, digest }, { minPosition: position, signal });
  const { files = {} } = data;
  const actual = `sha256-${hash("sha256", canonicalJson({ files }))}`;
  if (actual === digest) return { digest, files };
  throw new TaskFailed("flake-changed", {
    detail: `the files of the flake of ${id} version ${version} have the digest ${actual}; ${digest} was approved`,
  });
};

/**
 * Returns how far each host of the deployment has come. The reports of an earlier run reach the deployment by way of
 * the task, so this waits until the last of them has arrived. Otherwise a step would be repeated, or the closure from
 * before the deployment would be lost.
 */
const hostStatuses = async (
  { client, task, position, signal }: DeployContext,
  deployment: string,
): Promise<ReadonlyMap<string, HostStatus>> => {
  const options = { minPosition: position, signal };
  const last = lastReport((await client.query("tasks", "get", { id: task.id }, options)).data);
  const deadline = Date.now() + catchUpMilliseconds;
  for (;;) {
    const { data } = await client.query("deployments", "get", { id: deployment }, options);
    const statuses = new Map(data.hosts.map((host) => [host.id, host]));
    if (last === undefined || rank(statuses.get(last.host)?.status) >= rank(last.step)) return statuses;
    if (Date.now() > deadline)
      throw new TaskFailed("deployment-behind", {
        host: last.host,
        step: last.step,
        detail: `${last.host} was reported ${last.step}, and deployments.get of ${deployment} does not show it: is a backend stuck?`,
      });
    await pause(100, signal);
    signal.throwIfAborted();
  }
};

const rank = (status: string | undefined): number =>
  status !== undefined && isStep(status) ? steps.indexOf(status) : -1;
