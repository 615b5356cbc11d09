import type { Issue } from "../../../designer/issues.ts";
import { withChanges } from "../../../designer/parts.ts";
import { Badge } from "../../design/badge.tsx";
import { Button } from "../../design/button.tsx";
import { TextOf } from "../../design/text-of.tsx";
import type { Editor } from "./editor.ts";
import { toneOfSeverity } from "./mark.tsx";
import classes from "./problem-list.module.css";

/** As many as are shown: more are said by their number. */
const most = 100;

/** Everything that validation and the reviewers' rules have to say, each with the remedy that is offered. */
export const ProblemList = ({
  editor,
  issues,
  isChecking,
}: {
  readonly editor: Editor;
  readonly issues: ReadonlyArray<Issue>;
  readonly isChecking: boolean;
}) => {
  if (issues.length === 0)
    return <p className={classes.none}>{isChecking ? "Checking …" : "✓ Nothing is wrong with this graph."}</p>;
  return (
    <ul className={classes.list} aria-label="Problems and findings">
      {issues.slice(0, most).map(({ key, severity, about: [first], message, remedy }) => (
        <li key={key} className={classes.item}>
          <Badge state={severity} tone={toneOfSeverity[severity]} />
          {first === undefined ? (
            <TextOf text={message} />
          ) : (
            <button type="button" className={classes.message} onClick={() => editor.select([first])}>
              <TextOf text={message} />
            </button>
          )}
          {remedy !== undefined && !editor.isReadOnly && (
            <Button
              label={`Mend it: ${remedy.text.replaceAll("`", "")}`}
              onClick={() => editor.edit((draft) => withChanges(draft, remedy.changes))}
            >
              <span className={classes.remedy}>
                <TextOf text={remedy.text} />
              </span>
            </Button>
          )}
        </li>
      ))}
      {issues.length > most && <li className={classes.item}>and {issues.length - most} more</li>}
    </ul>
  );
};
