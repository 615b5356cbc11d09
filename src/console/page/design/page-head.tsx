import type { ReactNode } from "react";
import classes from "./page-head.module.css";

/** The first line of a page: what it is, how it is (badges beside it), and what one can do (at the right). */
export const PageHead = ({
  title,
  children,
  actions,
}: {
  readonly title: ReactNode;
  readonly children?: ReactNode;
  readonly actions?: ReactNode;
}) => (
  <div className={classes.head}>
    <h1>{title}</h1>
    {children}
    {actions !== undefined && <div className={classes.actions}>{actions}</div>}
  </div>
);
