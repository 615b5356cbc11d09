import type { DocumentOf } from "../../../../contract/views/mod.ts";
import { useDocument } from "../../data/documents.tsx";
import { Age } from "../../design/age.tsx";
import { Badge } from "../../design/badge.tsx";
import { Panel } from "../../design/list.tsx";
import { TextOf } from "../../design/text-of.tsx";
import { To } from "../../design/to.tsx";
import { durationWords } from "./course.ts";
import classes from "./deployment.module.css";

type Deployment = DocumentOf<"deployments">;

/** The steps that were reported between two moments. */
const stepsBetween = ({ hosts }: Deployment, from: string, to: string | undefined): number =>
  hosts.flatMap(({ steps = [] }) => steps).filter(({ at }) => at >= from && (to === undefined || at <= to)).length;

const Attempts = ({
  deployment,
  task,
  name,
}: {
  readonly deployment: Deployment;
  readonly task: string;
  readonly name: string;
}) => {
  const known = useDocument("tasks", task);
  if (known.state !== "there") return null;
  const { status, attempts } = known.document;
  return (
    <>
      {attempts.map(({ attempt, agent, assignedAt, ended, reasons }) => {
        const count = stepsBetween(deployment, assignedAt, ended?.at);
        return (
          <li key={`${task} ${attempt}`}>
            <Badge
              state={ended?.why ?? status}
              tone={
                ended === undefined
                  ? status === "completed"
                    ? "ok"
                    : "moving"
                  : ended.why === "completed"
                    ? "ok"
                    : "bad"
              }
            />{" "}
            <To href={`/fleet/tasks/${task}`}>{`${name}, attempt ${attempt}`}</To> by <strong>{agent}</strong>,{" "}
            <Age at={assignedAt} />
            {ended !== undefined && `, ${durationWords(Date.parse(ended.at) - Date.parse(assignedAt))}`}; {count}{" "}
            {count === 1 ? "step" : "steps"}
            <span className={classes.quiet}>
              {" "}
              <TextOf text={reasons.join("; ")} />
            </span>
          </li>
        );
      })}
    </>
  );
};

/** Each attempt at the roll-out and at the way back, kept apart: who had it, why, and how it ended. */
export const AttemptsPanel = ({
  deployment,
  tasks,
}: {
  readonly deployment: Deployment;
  readonly tasks: ReadonlyArray<{ readonly task: string; readonly name: string }>;
}) =>
  tasks.length === 0 ? null : (
    <Panel title="Attempts" hint="each is kept">
      <ul className={classes.lines}>
        {tasks.map(({ task, name }) => (
          <Attempts key={task} deployment={deployment} task={task} name={name} />
        ))}
      </ul>
    </Panel>
  );
