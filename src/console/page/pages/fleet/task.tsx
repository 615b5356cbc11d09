import type { AnswerOf } from "../../../../contract/views/mod.ts";
import { useQuery } from "../../data/query.ts";
import { Age } from "../../design/age.tsx";
import { Badge } from "../../design/badge.tsx";
import { Code } from "../../design/code.tsx";
import { Stack } from "../../design/columns.tsx";
import { Failure } from "../../design/failure.tsx";
import { List, ListItem, Panel } from "../../design/list.tsx";
import { Notice } from "../../design/notice.tsx";
import { PageHead } from "../../design/page-head.tsx";
import { TextOf } from "../../design/text-of.tsx";
import { To } from "../../design/to.tsx";
import classes from "./fleet.module.css";

type TaskState = AnswerOf<"tasks", "get">;

/** To whom the task was given, why, and how each attempt ended. */
const Attempts = ({ task: { attempts } }: { readonly task: TaskState }) => (
  <List label="Attempts">
    {attempts.toReversed().map(({ attempt, agent, assignedAt, ended, reasons, strategy }) => (
      <ListItem key={attempt}>
        <p>
          {attempt}. <To href={`/fleet/agents/${agent}`}>{agent}</To>{" "}
          {ended === undefined ? (
            <Badge state="goes on" tone="moving" />
          ) : (
            <Badge state={ended.why} tone={ended.why === "completed" ? "ok" : "warn"} />
          )}{" "}
          <span className={classes.quiet}>
            given <Age at={assignedAt} />
            {ended !== undefined && (
              <>
                , ended <Age at={ended.at} />
              </>
            )}
          </span>
        </p>
        <p className={classes.quiet}>
          chosen by {strategy}: <TextOf text={reasons.join("; ")} />
        </p>
      </ListItem>
    ))}
  </List>
);

/** A task: how far it is, what it waits for, who had it and why. */
const Task = ({ id }: { readonly id: string }) => {
  const { data: task, error } = useQuery("tasks", "get", { id }, { refresh: ["task", "agent"] });
  if (error !== undefined)
    return (
      <>
        <PageHead title={id} />
        <Failure error={error} />
      </>
    );
  if (task === undefined) return <div aria-busy="true" />;
  const { progress, failure, queue, children = [], parent } = task;
  return (
    <>
      <PageHead
        title={id}
        actions={<To href={`/audit/documents/task/${encodeURIComponent(id)}`}>Its whole history</To>}
      >
        <Badge state={task.status} />
        <span className={classes.quiet}>
          <TextOf text={task.type} />, {task.priority} priority, submitted by <TextOf text={task.submittedBy} />{" "}
          <Age at={task.submittedAt} />
        </span>
      </PageHead>
      <Stack>
        {queue !== undefined && (
          <Notice tone="warn">
            place {queue.place} in the queue: <TextOf text={queue.waitsFor} />
          </Notice>
        )}
        {failure !== undefined && (
          <Notice tone="bad">
            <TextOf text={failure.reason} />
          </Notice>
        )}
        {progress !== undefined && failure === undefined && (
          <Notice tone="moving">
            {progress.percent !== undefined && `${progress.percent} % `}
            <TextOf text={progress.message ?? "a report came"} /> · <Age at={progress.at} />
          </Notice>
        )}
        <Panel title="What it needs">
          <dl className={classes.facts}>
            <dt>capabilities</dt>
            <dd>{task.requiredCapabilities.join(", ") || "none"}</dd>
            <dt>agent</dt>
            <dd>{task.agent === undefined ? "none" : <To href={`/fleet/agents/${task.agent}`}>{task.agent}</To>}</dd>
            <dt>attempt</dt>
            <dd>
              {task.attempt} of at most {task.maxAttempts}
            </dd>
            {task.deadline !== undefined && (
              <>
                <dt>must be over</dt>
                <dd>
                  <Age at={task.deadline} />
                </dd>
              </>
            )}
            {parent !== undefined && (
              <>
                <dt>part of</dt>
                <dd>
                  <To href={`/fleet/tasks/${parent}`}>{parent}</To>
                </dd>
              </>
            )}
          </dl>
        </Panel>
        {children.length > 0 && (
          <Panel title="Parts of it">
            <List label="Parts of it">
              {children.map((child) => (
                <ListItem key={child.id}>
                  <To href={`/fleet/tasks/${child.id}`}>{child.id}</To> <Badge state={child.status} />{" "}
                  <TextOf text={child.type} />
                </ListItem>
              ))}
            </List>
          </Panel>
        )}
        {task.attempts.length > 0 && (
          <Panel title="Who had it">
            <Attempts task={task} />
          </Panel>
        )}
        {task.payload !== undefined && (
          <Panel title="Payload">
            <Code text={JSON.stringify(task.payload, null, 2)} label="Copy the payload" />
          </Panel>
        )}
        {task.result !== undefined && (
          <Panel title="Result">
            <Code text={JSON.stringify(task.result, null, 2)} label="Copy the result" />
          </Panel>
        )}
      </Stack>
    </>
  );
};

export default Task;
