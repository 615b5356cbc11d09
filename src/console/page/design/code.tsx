import { Fragment } from "react";
import { visibleJson } from "../../../domain/kernel/visible.ts";
import classes from "./code.module.css";
import { Copy } from "./copy.tsx";

/**
 * A command, of which a word is taken apart only if it is longer than the line: an option stays whole. A subject or JSON is
 * taken apart where a part of it ends.
 */
const Words = ({ text }: { readonly text: string }) =>
  visibleJson(text)
    .split(/( +)/)
    .map((word, index) =>
      word.startsWith(" ") ? (
        word
      ) : (
        <span key={index}>
          {word.split(/(?<=[.,:/{])/).map((part, place) => (
            <Fragment key={place}>
              {place > 0 && <wbr />}
              {part}
            </Fragment>
          ))}
        </span>
      ),
    );

/** What one would type or copy, in monospace, with a button that copies it. Its text is shown as text. */
export const Code = ({
  text,
  label = "Copy",
  isCommand = false,
}: {
  readonly text: string;
  readonly label?: string;
  readonly isCommand?: boolean;
}) => (
  <div className={classes.code}>
    {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard. */}
    <pre tabIndex={0}>{isCommand ? <Words text={text} /> : visibleJson(text)}</pre>
    <Copy text={text} label={label} />
  </div>
);
