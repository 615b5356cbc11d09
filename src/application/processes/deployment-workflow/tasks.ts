import { deployTaskOf, monitorTaskOf } from "../../../domain/deployment/compensation.ts";
import type { HostPlan } from "../../../domain/deployment/waves.ts";
import type { Action } from "../../action.ts";
import { submitTask } from "../actions.ts";
import type { Course, ReportedHost } from "./state.ts";

const whereIs = ({ host, address, ssh }: HostPlan) => ({ host, address, ...(ssh === undefined ? {} : { ssh }) });

/** The task of an agent that can deploy. */
export const submitDeploy = ({ id, target, graph, revision, execution }: Course): Action => {
  const { graphVersion, flakeDigest, waves } = revision;
  const { hosts: _, ...how } = execution;
  return submitTask(deployTaskOf(id), {
    type: "deploy",
    capability: "deploy",
    payload: { deployment: id, target, graph, graphVersion, flakeDigest, waves, ...how },
  });
};

/** The task of an agent that can watch hosts. Until they reboot, those that were set up for it run what they ran. */
export const submitMonitor = ({ id, target, revision, settings, execution, touched }: Course): Action => {
  const atReboot = execution.activation === "boot";
  const closures = new Map(touched.map(({ host, closure, previous }) => [host, atReboot ? previous : closure]));
  const hosts = revision.waves.flat().flatMap((plan) => {
    const closure = closures.get(plan.host);
    return closure === undefined ? [] : [{ ...whereIs(plan), closure, checks: plan.checks }];
  });
  return submitTask(monitorTaskOf(id), {
    type: "monitor",
    capability: "monitor",
    payload: { deployment: id, target, seconds: settings.monitorSeconds, hosts },
  });
};

/** The hosts that have to go back, the one touched last first. */
export const hostsToRevert = ({ touched }: Course): ReadonlyArray<ReportedHost> =>
  touched.filter(({ step }) => step !== "reverted").toReversed();

/** The task of an agent that can put hosts back. */
export const submitRollback = (course: Course, taskId: string): Action => {
  const { id, target, revision } = course;
  const plans = new Map(revision.waves.flat().map((plan) => [plan.host, plan]));
  const hosts = hostsToRevert(course).flatMap(({ host, previous, closure }) => {
    const plan = plans.get(host);
    return plan === undefined ? [] : [{ ...whereIs(plan), previous, ...(closure === undefined ? {} : { closure }) }];
  });
  return submitTask(taskId, { type: "roll-back", capability: "deploy", payload: { deployment: id, target, hosts } });
};
