import type { HostPlan } from "../../../domain/deployment/waves.ts";
import { defined } from "../../../domain/kernel/mod.ts";
import type { Work } from "../actions.ts";
import { type Course, notReverted, type ReportedHost } from "./state.ts";

/** A deployment in a line, with the hosts that it takes from other graphs. */
export const titleOf = ({ graph, revision, target, takeOver }: Course): string => {
  const taken = takeOver.filter((one) => one.graph !== graph).map((one) => `${one.as ?? one.host} of ${one.graph}`);
  const [first, ...others] = taken;
  const more = others.length === 0 ? "" : ` and ${others.length} more`;
  return `Deploy version ${revision.graphVersion} of ${graph} (${target})${first === undefined ? "" : `, which takes over ${first}${more}`}`;
};

/** What it deploys, for reviewers. */
export const subjectOf = ({ id, graph, revision }: Course) => {
  const { graphVersion, graphDigest, flakeDigest } = revision;
  return { deployment: id, graph, graphVersion, graphDigest, flakeDigest };
};

/** What a vote is bound to. */
export const pinnedOf = (course: Course) => ({ ...subjectOf(course), pinnedVersion: course.pinnedVersion });

const placeOf = ({ host, address, ssh }: HostPlan) => defined({ host, address, ssh });

/** The task of an agent that can deploy. */
export const deployWork = ({ id, target, graph, revision, execution }: Course): Work<"deploy"> => {
  const { graphVersion, flakeDigest, waves } = revision;
  const { hosts: _, ...how } = execution;
  return {
    type: "deploy",
    capability: "deploy",
    payload: { deployment: id, target, graph, graphVersion, flakeDigest, waves, ...how },
  };
};

/** The task of an agent that can watch hosts. Hosts that change at their next reboot run until then what they ran. */
export const monitorWork = ({ id, target, revision, settings, execution, touched }: Course): Work<"monitor"> => {
  const atReboot = execution.activation === "boot";
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
  return { type: "roll-back", capability: "deploy", payload: { deployment: id, target, hosts } };
};
