import { useMemo } from "react";
import type { AuditEvent } from "../../../../contract/views/audit.ts";
import { Refused } from "../../../client/mod.ts";
import { useQuery } from "../../data/query.ts";
import { Code } from "../../design/code.tsx";
import { Failure } from "../../design/failure.tsx";
import { Panel } from "../../design/list.tsx";
import { TextOf } from "../../design/text-of.tsx";
import classes from "./audit.module.css";
import { type Difference, differencesOf } from "./differences.ts";

const signs = { added: "+", removed: "−", changed: "~" } as const;

const shortJson = (value: unknown): string => {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 160 ? `${text.slice(0, 160)} … (${text.length} characters)` : text;
};

/** What differs between two states, a line for each path. */
export const Differences = ({ differences }: { readonly differences: ReadonlyArray<Difference> }) =>
  differences.length === 0 ? (
    <p>Nothing in the state is different.</p>
  ) : (
    <ul className={classes.changes}>
      {differences.map(({ path, kind, before, after }) => (
        <li key={path}>
          <span className={classes.sign} aria-hidden="true">
            {signs[kind]}
          </span>
          <span className="unseen">{kind} </span>
          <strong>
            <TextOf text={path} />
          </strong>{" "}
          <TextOf
            text={
              kind === "changed"
                ? `${shortJson(before)} → ${shortJson(after)}`
                : shortJson(kind === "added" ? after : before)
            }
          />
        </li>
      ))}
    </ul>
  );

const isMissing = (error: unknown): boolean =>
  error instanceof Refused &&
  typeof error.details === "object" &&
  error.details !== null &&
  Reflect.get(error.details, "reason") === "not-found";

/** What the commit of an event changed in its aggregate, and the state after it: folded from the log. */
export const StateChange = ({ event: { aggregate, id, position } }: { readonly event: AuditEvent }) => {
  const before = useQuery("audit", "replay", { aggregate, id, position: position - 1 });
  const after = useQuery("audit", "replay", { aggregate, id, position });
  const error = after.error ?? (isMissing(before.error) ? undefined : before.error);
  const isThere = after.data !== undefined && (before.data !== undefined || before.error !== undefined);
  const differences = useMemo(
    () => (isThere ? differencesOf(before.data?.state ?? {}, after.data?.state ?? {}) : []),
    [isThere, before.data, after.data],
  );
  if (error !== undefined) return <Failure error={error} />;
  if (!isThere) return <div aria-busy="true" />;
  return (
    <div className={classes.stack}>
      <Panel title="What changed" hint={`the whole commit at position ${position}`}>
        <Differences differences={differences} />
      </Panel>
      <Panel title="The state after it" hint={`version ${after.data?.version}`}>
        <Code text={JSON.stringify(after.data?.state, null, 2)} label="Copy the state" />
      </Panel>
    </div>
  );
};
