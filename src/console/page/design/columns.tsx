import type { ReactNode } from "react";
import classes from "./columns.module.css";

/** Parts of a page one below the other. */
export const Stack = ({ children }: { readonly children: ReactNode }) => (
  <div className={classes.stack}>{children}</div>
);

/** A wide column, and a narrow one beside it; below it where there is no room. */
export const Columns = ({ children, side }: { readonly children: ReactNode; readonly side: ReactNode }) => (
  <div className={classes.columns}>
    <div className={classes.stack}>{children}</div>
    <div className={classes.stack}>{side}</div>
  </div>
);
