import { memo } from "react";
import type { Issues } from "../../../designer/issues.ts";
import { withChanges } from "../../../designer/parts.ts";
import { Badge } from "../../design/badge.tsx";
import { Button } from "../../design/button.tsx";
import { TextOf } from "../../design/text-of.tsx";
import type { Editor } from "./editor.ts";
import { toneOfSeverity } from "./mark.tsx";
import classes from "./problem-list.module.css";

/** What validation and the reviewers' rules have to say, the worst first, each with the remedy that is offered. */
const List = ({
  edit,
  select,
  isReadOnly,
  checked: { issues, count, isChecking },
}: Pick<Editor, "edit" | "select" | "isReadOnly"> & { readonly checked: Issues }) => {
  if (issues.length === 0)
    return <p className={classes.none}>{isChecking ? "Checking …" : "✓ Nothing is wrong with this graph."}</p>;
  return (
    <ul className={classes.list} aria-label="Problems and findings">
      {issues.map(({ key, severity, about: [first], message, remedy }) => (
        <li key={key} className={classes.item}>
          <Badge state={severity} tone={toneOfSeverity[severity]} />
          {first === undefined ? (
            <TextOf text={message} />
          ) : (
            <button type="button" className={classes.message} onClick={() => select([first])}>
              <TextOf text={message} />
            </button>
          )}
          {remedy !== undefined && !isReadOnly && (
            <Button
              label={`Mend it: ${remedy.text.replaceAll("`", "")}`}
              onClick={() => edit((draft) => withChanges(draft, remedy.changes))}
            >
              <span className={classes.remedy}>
                <TextOf text={remedy.text} />
              </span>
            </Button>
          )}
        </li>
      ))}
      {count > issues.length && (
        <li className={classes.item}>and {count - issues.length} more: outline and overview have their marks</li>
      )}
    </ul>
  );
};

/** The list is drawn again if something else was found, and not for each letter. */
export const ProblemList = memo(List);
