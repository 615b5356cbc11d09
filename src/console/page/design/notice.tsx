import type { ReactNode } from "react";
import { type Tone, tones } from "./badge.tsx";
import classes from "./notice.module.css";

/** One sentence that a page is about at the moment: what went wrong, what changed, what is asked. */
export const Notice = ({
  tone,
  children,
  actions,
}: {
  readonly tone: Tone;
  readonly children: ReactNode;
  readonly actions?: ReactNode;
}) => (
  <div className={`${classes.notice} ${classes[tone]}`}>
    <p className={classes.text}>
      <span aria-hidden="true">{tones[tone]} </span>
      {children}
    </p>
    {actions !== undefined && <div className={classes.actions}>{actions}</div>}
  </div>
);
