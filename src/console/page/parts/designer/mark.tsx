import type { Issue } from "../../../designer/issues.ts";
import { tones } from "../../design/badge.tsx";
import classes from "./mark.module.css";

/** What the severity of a problem or finding means. */
export const toneOfSeverity = { blocking: "bad", error: "bad", warning: "warn", note: "quiet" } as const;

/** That something is wrong with a node or an edge: the sign of the worst, with its word for those who do not see it. */
export const Mark = ({ severity }: { readonly severity: Issue["severity"] }) => {
  const tone = toneOfSeverity[severity];
  return (
    <span className={`${classes.mark} ${classes[tone]}`} title={severity}>
      <span aria-hidden="true">{tones[tone]}</span>
      <span className="unseen">{severity}</span>
    </span>
  );
};
