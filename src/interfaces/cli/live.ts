import { visible } from "../../domain/kernel/mod.ts";
import type { Lines, Output } from "./output.ts";

/** Progress for people on stderr: lines that stay and, on a terminal, a status below them that is redrawn. */
export interface Live {
  readonly line: (lines: Lines) => void;
  /**
   * What is happening now, for how long, and more about it. It stays below the lines until the next status, or until
   * `end`. The time begins again if `text` is another one.
   */
  readonly status: (text: string, more?: string) => void;
  readonly end: () => void;
}

const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const frameMs = 100;

/** Lines only, because a file or pipe cannot be redrawn. */
const plain = (output: Output): Live => ({ line: output.note, status: () => {}, end: () => {} });

const terminal = (output: Output, now: () => number): Live => {
  let status = "";
  let details = "";
  let since = now();
  let frame = 0;
  const draw = () => {
    if (status === "") return;
    const text = `${frames[frame % frames.length]} ${visible(status)}  ${((now() - since) / 1000).toFixed(1)} s${visible(details)}`;
    output.redraw(output.noteStyle("cyan", [...text].slice(0, output.columns - 1).join("")));
    frame += 1;
  };
  const timer = setInterval(draw, frameMs);
  timer.unref();
  return {
    line: (lines) => {
      if (status !== "") output.redraw("");
      output.note(lines);
      draw();
    },
    status: (text, more = "") => {
      if (text !== status) since = now();
      status = text;
      details = more === "" ? "" : `  ${more}`;
      draw();
    },
    end: () => {
      clearInterval(timer);
      if (status !== "") output.redraw("");
      status = "";
    },
  };
};

/** Live progress on this output. `now` in milliseconds. */
export const makeLive = (output: Output, now: () => number = () => performance.now()): Live =>
  output.live && !output.json ? terminal(output, now) : plain(output);
