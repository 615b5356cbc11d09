import { useMemo } from "react";
import type { DocumentOf } from "../../../../contract/views/mod.ts";
import { useQuery } from "../../data/query.ts";
import { Age, useNow } from "../../design/age.tsx";
import { Badge } from "../../design/badge.tsx";
import { Empty } from "../../design/empty.tsx";
import { To } from "../../design/to.tsx";
import classes from "./fleet.module.css";
import { type Block, lanesOf } from "./lanes.ts";

type Agent = DocumentOf<"agents">;

/** Milliseconds that the lanes show. */
const span = 3_600_000;

const percent = (share: number): string => `${share * 100}%`;

/** What an agent had to do in the last hour, as blocks on a line, and in words. */
const Lane = ({ blocks }: { readonly blocks: ReadonlyArray<Block> }) => (
  <div className={classes.lane}>
    {blocks.map(({ key, tone, name, from, share }) => (
      <div
        key={key}
        className={`${classes.block} ${classes[tone] ?? ""}`}
        style={{ left: percent(from), width: percent(share) }}
        title={name}
      />
    ))}
    <span className="unseen">{blocks.length === 0 ? "nothing" : blocks.map(({ name }) => name).join("; ")}</span>
  </div>
);

/** Every agent: whether it is there, how much it has to do, and its lane of tasks in the last hour. */
export const Agents = ({ agents }: { readonly agents: ReadonlyArray<Agent> }) => {
  const now = useNow(10_000);
  const { data } = useQuery("tasks", "list", { order: "newest", limit: 500 }, { refresh: ["task"] });
  const lanes = useMemo(() => lanesOf(data?.items ?? [], now - span, now), [data, now]);
  if (agents.length === 0)
    return <Empty title="No agent is registered">Agents register themselves: see docs/agent-kit.md.</Empty>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard.
    <section className={classes.scroll} tabIndex={0} aria-label="Agents and their tasks">
      <table className={classes.board}>
        <thead>
          <tr>
            <th scope="col">agent</th>
            <th scope="col">presence</th>
            <th scope="col">load</th>
            <th scope="col">can do</th>
            <th scope="col">tasks of the last hour, now at the right</th>
          </tr>
        </thead>
        <tbody>
          {agents.map(({ id, status, activeTasks, maxConcurrentTasks, capabilities, lastSeen, registered }) => (
            <tr key={id}>
              <th scope="row">
                <To href={`/fleet/agents/${id}`}>{id}</To>
              </th>
              <td>
                <Badge state={registered ? status : "deregistered"} /> {lastSeen !== undefined && <Age at={lastSeen} />}
              </td>
              <td>
                {activeTasks.length} of {maxConcurrentTasks}
              </td>
              <td>{capabilities.join(", ")}</td>
              <td>
                <Lane blocks={lanes.get(id) ?? []} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
};
