import type { ReactNode } from "react";
import classes from "./empty.module.css";

/** There is nothing: says so, and what to do first. */
export const Empty = ({ title, children }: { readonly title: string; readonly children?: ReactNode }) => (
  <div className={classes.empty}>
    <h2>{title}</h2>
    {children !== undefined && <p>{children}</p>}
  </div>
);
