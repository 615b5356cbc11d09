import type { DeploymentDocument } from "./deployment-document.ts";
import { makeLive } from "./live.ts";
import type { Output } from "./output.ts";
import { type Progress, progressText } from "./progress.ts";

/** How the demonstration is told as it happens. */
export interface Told {
  readonly chapter: (title: string) => void;
  readonly say: (text: string) => void;
  readonly progress: (progress: Progress, document: DeploymentDocument) => void;
  readonly end: () => void;
}

/** With `--json` a line for each step; for people chapters, steps, and on a terminal what goes on at the moment. */
export const tellerOf = (output: Output): Told => {
  const live = makeLive(output);
  const tell = (kind: "chapter" | "note", text: string, line: string) => {
    if (output.json) output.document({ type: "progress", kind, text });
    else live.line(line);
  };
  return {
    chapter: (title) => tell("chapter", title, `\n${output.noteStyle("bold", title)}`),
    say: (text) => tell("note", text, `  ${text}`),
    progress: (progress, { status, hosts }) => {
      if (output.json) return output.document(progress);
      live.line(progressText(progress));
      live.status([status, ...hosts.map((host) => `${host.id} ${host.status}`)].join("  "));
    },
    end: live.end,
  };
};
