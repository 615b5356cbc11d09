import type { Condition } from "../../../domain/consensus/ballot.ts";
import { changeText } from "../../../domain/graph/change-text.ts";
import type { GraphChange } from "../../../domain/graph/contract.ts";
import { TextOf } from "../design/text-of.tsx";
import { ChangeDiff, type Revision } from "./change-diff.tsx";
import classes from "./parts.module.css";

/** Changes of a graph, a line each. */
export const Changes = ({ changes }: { readonly changes: ReadonlyArray<GraphChange> }) => (
  <ul className={classes.changes}>
    {changes.map((change) => {
      const text = changeText(change);
      return (
        <li key={text}>
          <code>
            <TextOf text={text} />
          </code>
        </li>
      );
    })}
  </ul>
);

/** What an approval depends on: in words, and as changes of the graph. */
export const Conditions = ({
  conditions,
  revision,
}: {
  readonly conditions: ReadonlyArray<Condition & { readonly voter?: string }>;
  /** What they are made in, if it is known: the changes are shown as a diff of it too. */
  readonly revision?: Revision | undefined;
}) =>
  conditions.length === 0 ? null : (
    <ul className={classes.lines}>
      {conditions.map(({ text, changes = [], voter }) => (
        <li key={`${voter} ${text}`}>
          {voter === undefined ? "if: " : <strong>{voter}: </strong>}
          <TextOf text={text} lines />
          {changes.length > 0 && <Changes changes={changes} />}
          {changes.length > 0 && revision !== undefined && <ChangeDiff {...revision} changes={changes} />}
        </li>
      ))}
    </ul>
  );
