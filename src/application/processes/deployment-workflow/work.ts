import type { Execution } from "../../../domain/deployment/execution.ts";
import type { ReachedHost } from "../../../domain/deployment/waves.ts";
import { canonicalJson, defined } from "../../../domain/kernel/mod.ts";
import type { Work } from "../actions.ts";
import { type Course, notReverted, type ReportedHost } from "./state.ts";

/** Returns the hosts that it takes over from other graphs. */
const takenFromOthers = ({ graph, takeOver }: Course) => takeOver.filter((one) => one.graph !== graph);

/** Returns the title of a deployment in one line, with the hosts that it takes over from other graphs. */
export const titleOf = (course: Course): string => {
  const { graph, revision, target } = course;
  const taken = takenFromOthers(course).map((one) => `${one.as ?? one.host} of ${one.graph}`);
  const [first, ...others] = taken;
  const more = others.length === 0 ? "" : ` and ${others.length} more`;
  return `Deploy version ${revision.graphVersion} of ${graph} (${target})${first === undefined ? "" : `, which takes over ${first}${more}`}`;
};

/**
 * Returns for reviewers the risks that the request accepts beyond the graph: the first names, and the number of others.
 */
export const riskText = ({ execution: { acceptRemovals = [], reboot } }: Course): string => {
  const shown = acceptRemovals.slice(0, 20).join(", ");
  const more = acceptRemovals.length > 20 ? ` and ${acceptRemovals.length - 20} more` : "";
  return [
    ...(shown === "" ? [] : [` It accepts that hosts lose ${shown}${more}.`]),
    ...(reboot === true ? [" It reboots hosts that need it."] : []),
  ].join("");
};

/** Returns the subject of the review: what is deployed, its effect on data, unpinned inputs, and hosts taken over. */
export const subjectOf = (course: Course) => {
  const { id, graph, revision, data, acceptDataLoss, unpinned } = course;
  const { graphVersion, graphDigest, flakeDigest } = revision;
  const taken = takenFromOthers(course);
  const more = defined({ data, acceptDataLoss, unpinned, takeOver: taken.length === 0 ? undefined : taken });
  return { deployment: id, graph, graphVersion, graphDigest, flakeDigest, ...more };
};

/** Returns what a vote is bound to. */
export const pinnedOf = (course: Course) => ({ ...subjectOf(course), pinnedVersion: course.pinnedVersion });

/** Returns the task for a deployer with nix. */
export const pinWork = ({ id, graph, target }: Course, inputs: Readonly<Record<string, string>>): Work<"pin"> => ({
  type: "pin",
  capability: "deploy",
  payload: { deployment: id, target, graph, inputs },
});

const placeOf = ({ host, address, ssh }: ReachedHost) => defined({ host, address, ssh });

/** Returns the former addresses of hosts whose address changes. */
const reachedOtherwise = ({ reached = [], revision: { waves } }: Course) => {
  const now = new Map(waves.flat().map((plan) => [plan.host, canonicalJson(placeOf(plan))]));
  const other = reached.filter((one) => now.has(one.host) && now.get(one.host) !== canonicalJson(placeOf(one)));
  return other.length === 0 ? {} : { reached: other };
};

/** Returns the task for an agent that can deploy. */
export const deployWork = (course: Course): Work<"deploy"> => {
  const { id, target, graph, revision, execution } = course;
  const { graphVersion, flakeDigest, waves } = revision;
  const { hosts: _, ...how } = execution;
  return {
    type: "deploy",
    capability: "deploy",
    payload: { deployment: id, target, graph, graphVersion, flakeDigest, waves, ...how, ...reachedOtherwise(course) },
  };
};

/** Returns the activation that confirmed hosts have. After a reboot, a system for the next boot already runs. */
export const activationOf = ({ execution: { activation, reboot } }: Course): Execution["activation"] =>
  reboot === true && activation === "boot" ? "switch" : activation;

/**
 * Returns the task for an agent that can monitor. A host that changes only at its next reboot runs its old system until
 * then.
 */
export const monitorWork = (course: Course): Work<"monitor"> => {
  const { id, target, revision, settings, touched } = course;
  const atReboot = activationOf(course) === "boot";
  const closures = new Map(touched.map(({ host, closure, previous }) => [host, atReboot ? previous : closure]));
  const hosts = revision.waves.flat().flatMap((plan) => {
    const closure = closures.get(plan.host);
    return closure === undefined ? [] : [{ ...placeOf(plan), closure, checks: plan.checks }];
  });
  return {
    type: "monitor",
    capability: "monitor",
    payload: { deployment: id, target, seconds: settings.monitorSeconds, hosts },
  };
};

/** Returns the hosts that must go back, last touched first. */
export const hostsToRevert = ({ touched }: Course): ReadonlyArray<ReportedHost> =>
  touched.filter(notReverted).toReversed();

/** Returns the task for an agent that can put hosts back. */
export const rollbackWork = (course: Course): Work<"roll-back"> => {
  const { id, target, revision } = course;
  const plans = new Map(revision.waves.flat().map((plan) => [plan.host, plan]));
  const hosts = hostsToRevert(course).flatMap(({ host, previous, closure }) => {
    const plan = plans.get(host);
    return plan === undefined ? [] : [{ ...placeOf(plan), ...defined({ previous, closure }) }];
  });
  return {
    type: "roll-back",
    capability: "deploy",
    payload: { deployment: id, target, hosts, ...reachedOtherwise(course) },
  };
};
