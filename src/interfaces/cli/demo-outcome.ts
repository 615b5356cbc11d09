import type { DeploymentDocument } from "./deployment-document.ts";
import { type Output, printable } from "./output.ts";
import { deploymentSummary, summaryLine, summaryText } from "./summary.ts";
import { table } from "./table.ts";

/** What really happened: how both deployments ended, and what the hosts ran after each. */
export interface DemoOutcome {
  readonly first: DeploymentDocument;
  readonly before: ReadonlyMap<string, string>;
  readonly second: DeploymentDocument;
  readonly after: ReadonlyMap<string, string>;
}

/** A host on its way through the demonstration: `before` and `after` the second deployment. */
interface HostCheck {
  readonly host: string;
  readonly deployed: string;
  readonly before: string;
  readonly after: string;
  readonly ok: boolean;
}

/** Whether each host ran what the first deployment recorded, and runs exactly that again after the second. */
const hostChecks = ({ first, before, after }: DemoOutcome): ReadonlyArray<HostCheck> =>
  first.hosts.map(({ id, closure: deployed = "" }) => {
    const [was, is] = [before.get(id) ?? "", after.get(id) ?? ""];
    return { host: id, deployed, before: was, after: is, ok: deployed !== "" && was === deployed && is === deployed };
  });

/** The demonstration went as it should: deployed, then rolled back to exactly the closures that were recorded. */
export const wentWell = (outcome: DemoOutcome): boolean =>
  outcome.first.status === "succeeded" &&
  outcome.second.status === "rolled-back" &&
  outcome.first.hosts.length > 0 &&
  hostChecks(outcome).every(({ ok }) => ok);

/** Tells the end of the demonstration; true where it went as it should. */
export const tellOutcome = (output: Output, outcome: DemoOutcome): boolean => {
  const ok = wentWell(outcome);
  const running = (closures: ReadonlyMap<string, string>) =>
    new Map([...closures].map(([host, closure]) => [host, { closure }]));
  const summaries = [
    deploymentSummary(outcome.first, running(outcome.before)),
    deploymentSummary(outcome.second, running(outcome.after)),
  ];
  if (output.json) output.document(summaryLine(ok, summaries));
  output.result("");
  for (const summary of summaries) output.result(`${summaryText(summary, output)}\n`);
  const rows = hostChecks(outcome).map(({ host, deployed, after, ok: same }) =>
    [`  ${host}`, deployed, after, same ? "yes" : "NO"].map(printable),
  );
  output.result("The hosts themselves, after the rollback:");
  output.result(table(["  HOST", "FIRST DEPLOYMENT", "RUNS NOW", "THE SAME"], rows));
  output.result(
    ok
      ? output.style("green", "\nDeployed, then rolled back to exactly what ran before (simulated hosts).")
      : output.style("red", "\nIt did not go as it should: see above."),
  );
  return ok;
};
