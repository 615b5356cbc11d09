import type { ReactNode } from "react";
import { IsPresentContext } from "../data/at.ts";
import classes from "./beside.module.css";
import { ScreenAside } from "./screen.tsx";

/** A page twice: as it was at the left, as it is now at the right; one below the other if there is no room. */
export const Beside = ({ children }: { readonly children: ReactNode }) => (
  <div className={classes.beside}>
    <section aria-label="As it was" className={classes.part}>
      <p className={classes.when}>as it was</p>
      {children}
    </section>
    <section aria-label="As it is now" className={classes.part}>
      <p className={classes.when}>as it is now</p>
      <IsPresentContext value={true}>
        <ScreenAside>{children}</ScreenAside>
      </IsPresentContext>
    </section>
  </div>
);
