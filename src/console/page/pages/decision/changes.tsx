import type { AnswerOf } from "../../../../contract/views/mod.ts";
import { useQuery } from "../../data/query.ts";
import { Failure } from "../../design/failure.tsx";
import { Panel } from "../../design/list.tsx";
import { To } from "../../design/to.tsx";
import classes from "./decision.module.css";

type HostChange = AnswerOf<"deployments", "plan">["waves"][number][number];

const partsOf = ({ change, build, units, firewall, settings }: HostChange): ReadonlyArray<string> => {
  const { started, stopped, restarted } = units;
  const named = (verb: string, names: ReadonlyArray<string>) =>
    names.length === 0
      ? []
      : [`${verb} ${names.slice(0, 4).join(", ")}${names.length > 4 ? ` and ${names.length - 4} more` : ""}`];
  const parts = [
    ...(change === "new" ? ["its first deployment"] : []),
    ...named("starts", started),
    ...named("stops", stopped),
    ...named("restarts", restarted),
    ...(firewall.opened.length > 0 ? [`opens ${firewall.opened.length} in the firewall`] : []),
    ...(firewall.closed.length > 0 ? [`closes ${firewall.closed.length} in the firewall`] : []),
    ...(settings.length > 0 ? [`${settings.length} other settings`] : []),
  ];
  return parts.length > 0 ? parts : [build ? "another system" : "nothing"];
};

/** What the revision changes on the hosts, against what runs. */
export const WhatItChanges = ({ graph, version }: { readonly graph: string; readonly version: number }) => {
  const { data, error, isLoading } = useQuery("deployments", "plan", { graph, version });
  return (
    <Panel
      title="What it changes"
      hint="against what runs"
      actions={
        <To href={`/plan/${graph}?version=${version}`} className={classes.action}>
          the whole plan
        </To>
      }
    >
      <div aria-busy={isLoading}>
        {error !== undefined && <Failure error={error} />}
        <ul className={classes.lines}>
          {data?.waves.flatMap((wave, index) =>
            wave.map((host) => (
              <li key={host.host}>
                <span className={classes.quiet}>{index + 1}</span> <strong>{host.host}</strong>{" "}
                {partsOf(host).join("; ")}
              </li>
            )),
          )}
          {data?.gone.map(({ host }) => (
            <li key={host}>
              <strong>{host}</strong> is no longer in the graph, and stays as it is
            </li>
          ))}
        </ul>
      </div>
    </Panel>
  );
};
