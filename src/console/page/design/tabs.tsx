import { Tabs as Base } from "@base-ui/react/tabs";
import type { ReactNode } from "react";
import classes from "./tabs.module.css";

/** A part of a page that is shown in turn with others. */
export interface Tab {
  readonly key: string;
  readonly name: ReactNode;
  readonly content: ReactNode;
}

/** Parts of a page of which one is shown. Give `value` and `onChange` from the address, so that a link leads to it. */
export const Tabs = ({
  label,
  tabs,
  value,
  onChange,
}: {
  readonly label: string;
  readonly tabs: ReadonlyArray<Tab>;
  readonly value: string;
  readonly onChange: (key: string) => void;
}) => (
  <Base.Root value={value} onValueChange={(key) => onChange(String(key))}>
    <Base.List className={classes.list} aria-label={label}>
      {tabs.map(({ key, name }) => (
        <Base.Tab key={key} value={key} className={classes.tab}>
          {name}
        </Base.Tab>
      ))}
    </Base.List>
    {tabs.map(({ key, content }) => (
      <Base.Panel key={key} value={key} className={classes.panel}>
        {content}
      </Base.Panel>
    ))}
  </Base.Root>
);
