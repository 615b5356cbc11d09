import { type ReactNode, useEffect, useRef } from "react";
import { useLocation } from "wouter";
import { WithExceptions } from "../data/exceptions.tsx";
import { useOpenNeeds, WithNeeds } from "../data/open-needs.tsx";
import { WithStanding } from "../data/standing.tsx";
import { ExceptionBanners } from "./exceptions.tsx";
import classes from "./frame.module.css";
import { LoggedOut } from "./logged-out.tsx";
import { PastBanner } from "./past-banner.tsx";
import { ScreenHolder, useShownScreen } from "./screen.tsx";
import { Sections } from "./sections.tsx";
import { ThisScreen } from "./this-screen.tsx";
import { TimeLine } from "./time-line.tsx";
import { TopBar } from "./top-bar.tsx";

/** What is around every page: sections, top bar, time line. */
export const Frame = ({ children }: { readonly children: ReactNode }) => (
  <WithStanding>
    <WithExceptions>
      <WithNeeds>
        <ScreenHolder>
          <Shell>{children}</Shell>
        </ScreenHolder>
      </WithNeeds>
    </WithExceptions>
  </WithStanding>
);

const Shell = ({ children }: { readonly children: ReactNode }) => {
  const main = useRef<HTMLElement>(null);
  const screen = useShownScreen();
  const title = screen?.title;
  const needs = useOpenNeeds().length;
  useEffect(() => {
    if (title !== undefined) document.title = `${needs > 0 ? `(${needs}) ` : ""}${title} · CIM Leaf`;
  }, [title, needs]);
  // A new page begins at its top, and a screen reader reads it from there. Not the first: one has just come.
  const [path] = useLocation();
  const shown = useRef(path);
  useEffect(() => {
    if (shown.current === path) return;
    shown.current = path;
    main.current?.focus();
  }, [path]);
  return (
    <div className={classes.frame}>
      <a className={classes.skip} href="#main">
        Skip to the page
      </a>
      <TopBar />
      <div className={classes.side}>
        <Sections needs={needs} />
        <ThisScreen />
      </div>
      <main id="main" ref={main} tabIndex={-1} className={classes.main}>
        <LoggedOut />
        <PastBanner />
        <ExceptionBanners />
        {children}
      </main>
      <TimeLine />
    </div>
  );
};
