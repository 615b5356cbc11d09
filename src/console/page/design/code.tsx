import { visibleJson } from "../../../domain/kernel/visible.ts";
import classes from "./code.module.css";
import { Copy } from "./copy.tsx";

/** What one would type or copy, in monospace, with a button that copies it. Its text is shown as text. */
export const Code = ({ text, label = "Copy" }: { readonly text: string; readonly label?: string }) => (
  <div className={classes.code}>
    {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard. */}
    <pre tabIndex={0}>{visibleJson(text)}</pre>
    <Copy text={text} label={label} />
  </div>
);
