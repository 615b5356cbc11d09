import type { Result } from "effect";
import { accept, type EventOf, type Rejection, refuse } from "../kernel/mod.ts";
import type { deploymentEvents } from "./contract.ts";
import type { Deployment } from "./state.ts";
import { type HostStep, isReverting, progressOf } from "./steps.ts";

type Decision = Result.Result<ReadonlyArray<EventOf<typeof deploymentEvents>>, Rejection>;

/**
 * Records a step of deploying. The first step of a host must be `recorded`, and steps only advance. A known step is not
 * recorded again. Without `recorded`, the closure to go back to would be unknown after the activation.
 */
const deployingStep = (report: HostStep, deployment: Deployment): Decision => {
  const { host, step } = report;
  const known = deployment.touched.find((touched) => touched.host === host);
  if (known === undefined) {
    if (step !== "recorded")
      return refuse("not-recorded", `deployment \`${deployment.id}\`: report host \`${host}\` as \`recorded\` first`);
    return report.previous === undefined
      ? refuse("no-previous", `deployment \`${deployment.id}\`: \`${host}\` needs the closure it runs as \`previous\``)
      : accept({ type: "host-step-recorded", data: report });
  }
  // A report in transit when the rollback began matters only if it shows a newly touched host.
  if (deployment.status === "rolling-back") return accept();
  if (progressOf(step) <= progressOf(known.step)) return accept();
  if (step === "confirmed" && report.closure === undefined && known.closure === undefined)
    return refuse("no-closure", `deployment \`${deployment.id}\`: \`${host}\` was never said to have a \`closure\``);
  return accept({ type: "host-step-recorded", data: report });
};

/** Records a step of rolling back. It applies only to touched hosts, and a restored host stays restored. */
const revertingStep = (report: HostStep, deployment: Deployment): Decision => {
  const known = deployment.touched.find((touched) => touched.host === report.host);
  if (deployment.status !== "rolling-back")
    return refuse("wrong-state", `deployment \`${deployment.id}\` is ${deployment.status}, not rolling-back`, {
      status: deployment.status,
    });
  if (known === undefined)
    return refuse("not-recorded", `deployment \`${deployment.id}\`: host \`${report.host}\` was not touched`);
  return known.step === "reverted" || known.step === report.step
    ? accept()
    : accept({ type: "host-step-recorded", data: report });
};

/** Records a report about a host. Late and repeated reports change nothing. */
export const recordStep = (report: HostStep, deployment: Deployment): Decision => {
  if (!deployment.planned.includes(report.host))
    return refuse("unknown-host", `deployment \`${deployment.id}\` has no host \`${report.host}\``);
  return isReverting(report.step) ? revertingStep(report, deployment) : deployingStep(report, deployment);
};
