import type { Execution } from "../../../domain/deployment/execution.ts";
import type { ReachedHost } from "../../../domain/deployment/waves.ts";
import { canonicalJson, defined } from "../../../domain/kernel/mod.ts";
import type { Work } from "../actions.ts";
import { type Course, notReverted, type ReportedHost } from "./state.ts";

/** The hosts that it takes from other graphs. */
const takenFromOthers = ({ graph, takeOver }: Course) => takeOver.filter((one) => one.graph !== graph);

/** A deployment in a line, with the hosts that it takes from other graphs. */
export const titleOf = (course: Course): string => {
  const { graph, revision, target } = course;
  const taken = takenFromOthers(course).map((one) => `${one.as ?? one.host} of ${one.graph}`);
  const [first, ...others] = taken;
  const more = others.length === 0 ? "" : ` and ${others.length} more`;
  return `Deploy version ${revision.graphVersion} of ${graph} (${target})${first === undefined ? "" : `, which takes over ${first}${more}`}`;
};

/** What the request accepts besides what the graph says, for reviewers: a few names, and how many more. */
export const riskText = ({ execution: { acceptRemovals = [], reboot } }: Course): string => {
  const shown = acceptRemovals.slice(0, 20).join(", ");
  const more = acceptRemovals.length > 20 ? ` and ${acceptRemovals.length - 20} more` : "";
  return [
    ...(shown === "" ? [] : [` It accepts that hosts lose ${shown}${more}.`]),
    ...(reboot === true ? [" It reboots hosts that need it."] : []),
  ].join("");
};

/** What it deploys, for reviewers, what that does to data, what stays unpinned, and which hosts it takes from others. */
export const subjectOf = (course: Course) => {
  const { id, graph, revision, data, acceptDataLoss, unpinned } = course;
  const { graphVersion, graphDigest, flakeDigest } = revision;
  const taken = takenFromOthers(course);
  const more = defined({ data, acceptDataLoss, unpinned, takeOver: taken.length === 0 ? undefined : taken });
  return { deployment: id, graph, graphVersion, graphDigest, flakeDigest, ...more };
};

/** What a vote is bound to. */
export const pinnedOf = (course: Course) => ({ ...subjectOf(course), pinnedVersion: course.pinnedVersion });

/** The task of a deployer that has nix. */
export const pinWork = ({ id, graph, target }: Course, inputs: Readonly<Record<string, string>>): Work<"pin"> => ({
  type: "pin",
  capability: "deploy",
  payload: { deployment: id, target, graph, inputs },
});

const placeOf = ({ host, address, ssh }: ReachedHost) => defined({ host, address, ssh });

/** How hosts were reached before that are reached otherwise now. */
const reachedOtherwise = ({ reached = [], revision: { waves } }: Course) => {
  const now = new Map(waves.flat().map((plan) => [plan.host, canonicalJson(placeOf(plan))]));
  const other = reached.filter((one) => now.has(one.host) && now.get(one.host) !== canonicalJson(placeOf(one)));
  return other.length === 0 ? {} : { reached: other };
};

/** The task of an agent that can deploy. */
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

/** What hosts have when they are confirmed: a system for after the next reboot runs already if they were rebooted. */
export const activationOf = ({ execution: { activation, reboot } }: Course): Execution["activation"] =>
  reboot === true && activation === "boot" ? "switch" : activation;

/** The task of an agent that can watch hosts. Hosts that change at their next reboot run until then what they ran. */
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

/** The hosts that have to go back, the one that was touched last first. */
export const hostsToRevert = ({ touched }: Course): ReadonlyArray<ReportedHost> =>
  touched.filter(notReverted).toReversed();

/** The task of an agent that can put hosts back. */
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
