import { useEffect, useRef } from "react";
import type { DocumentOf } from "../../../../contract/views/mod.ts";
import { visible } from "../../../../domain/kernel/visible.ts";
import { useOutputs } from "../../data/outputs.ts";
import { Badge } from "../../design/badge.tsx";
import { Panel } from "../../design/list.tsx";
import { To } from "../../design/to.tsx";
import classes from "./deployment.module.css";

type Deployment = DocumentOf<"deployments">;

/** Lines that are shown: the newest. */
const most = 1_000;

/** The host whose output is shown unless one is chosen: the one that failed, or the one that moved last. */
export const hostOfInterest = ({ hosts }: Deployment): string | undefined => {
  const failed = hosts.find(({ failedAt }) => failedAt !== undefined);
  if (failed !== undefined) return failed.id;
  const last = hosts.toSorted((one, other) => {
    const [a = "", b = ""] = [one.steps?.at(-1)?.at, other.steps?.at(-1)?.at];
    return a < b ? 1 : -1;
  });
  return last[0]?.id;
};

/** What the programs of a host's steps print: live while it moves, and what the log kept of the last step. */
export const OutputPanel = ({
  deployment,
  host: chosen,
  isLive,
}: {
  readonly deployment: Deployment;
  readonly host: string | undefined;
  readonly isLive: boolean;
}) => {
  const { id, agent, hosts } = deployment;
  const heard = useOutputs(id, isLive);
  const host = hosts.find((one) => one.id === chosen);
  // Anybody may send output: only agents that have the task, or had it since the page was opened, are believed.
  const believed = useRef(new Set<string>());
  if (agent !== undefined) believed.current.add(agent);
  const live = heard
    .filter((output) => output.host === chosen && believed.current.has(output.agent))
    .flatMap(({ step, lines }) => lines.map((line) => `${step}: ${line}`));
  const lines = [...(live.length > 0 ? live : (host?.log ?? []))].slice(-most);
  const box = useRef<HTMLPreElement>(null);
  const follows = useRef(true);
  const count = lines.length;
  // biome-ignore lint/correctness/useExhaustiveDependencies: it goes on with the lines.
  useEffect(() => {
    const element = box.current;
    if (element !== null && follows.current) element.scrollTop = element.scrollHeight;
  }, [count]);
  if (host === undefined) return null;
  return (
    <Panel
      title={`Output of ${host.id}`}
      hint={host.failedAt === undefined ? host.status : `could not be ${host.failedAt}`}
      actions={
        <To href={`/fleet/hosts/${host.id}`} className={classes.action}>
          the host
        </To>
      }
    >
      {host.detail !== undefined && (
        <p>
          <Badge
            state={host.failedAt === undefined ? "note" : "failed"}
            tone={host.failedAt === undefined ? "quiet" : "bad"}
          />{" "}
          {visible(host.detail)}
        </p>
      )}
      {lines.length === 0 ? (
        <p className={classes.quiet}>Its programs have printed nothing{isLive ? " since this page was opened" : ""}.</p>
      ) : (
        <div>
          <pre
            ref={box}
            // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard.
            tabIndex={0}
            className={classes.output}
            onScroll={({ currentTarget: { scrollTop, clientHeight, scrollHeight } }) => {
              follows.current = scrollTop + clientHeight >= scrollHeight - 8;
            }}
          >
            {lines.map(visible).join("\n")}
          </pre>
        </div>
      )}
    </Panel>
  );
};
