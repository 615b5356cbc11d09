import { useEffect, useRef } from "react";
import { To } from "../design/to.tsx";
import { type SectionName, sections } from "../page.ts";
import { useMatch } from "./match.ts";
import classes from "./sections.module.css";

/** The sections, with the number of what needs one. */
export const Sections = ({ needs }: { readonly needs: number }) => {
  const here = useMatch()?.page.section;
  const list = useRef<HTMLUListElement>(null);
  // Narrow screens have the sections in one line, which scrolls.
  useEffect(() => {
    if (here === undefined) return;
    list.current?.querySelector('[aria-current="page"]')?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [here]);
  return (
    <nav aria-label="Sections">
      <ul ref={list} className={classes.list}>
        {(Object.keys(sections) as ReadonlyArray<SectionName>).map((name) => (
          <li key={name}>
            <To href={sections[name].href} className={classes.section} current={here === name}>
              <span aria-hidden="true" className={classes.sign}>
                {sections[name].sign}
              </span>
              {sections[name].name}
              {name === "needs-you" && needs > 0 && (
                <span className={classes.count}>
                  {needs}
                  <span className="unseen">{needs === 1 ? " thing waits" : " things wait"} for you</span>
                </span>
              )}
            </To>
          </li>
        ))}
      </ul>
    </nav>
  );
};
