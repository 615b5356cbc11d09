import type { ReactNode } from "react";
import classes from "./list.module.css";

/** A short list of things that differ: each line with what it is and, at the right, what one can do. */
export const List = ({ label, children }: { readonly label: string; readonly children: ReactNode }) => (
  <ul className={classes.list} aria-label={label}>
    {children}
  </ul>
);

/** A line of a list. */
export const ListItem = ({ children, actions }: { readonly children: ReactNode; readonly actions?: ReactNode }) => (
  <li className={classes.item}>
    <div className={classes.content}>{children}</div>
    {actions !== undefined && <div className={classes.actions}>{actions}</div>}
  </li>
);

/** A part of a page with a heading of its own. */
export const Panel = ({
  title,
  hint,
  actions,
  children,
}: {
  readonly title: string;
  /** Beside the heading, quietly. */
  readonly hint?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}) => (
  <section className={classes.panel} aria-label={title}>
    <div className={classes.head}>
      <h2>{title}</h2>
      {hint !== undefined && <span className={classes.hint}>{hint}</span>}
      {actions !== undefined && <div className={classes.actions}>{actions}</div>}
    </div>
    <div className={classes.body}>{children}</div>
  </section>
);
