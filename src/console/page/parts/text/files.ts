/** The files of a flake, by their paths. */
export type Files = Readonly<Record<string, string>>;

/** A file of one of two sets, and what became of it. */
export interface ComparedFile {
  readonly path: string;
  readonly change: "added" | "removed" | "changed" | "same";
}

/** The files of both sets, those that differ first, each group by its paths. Without `before` there is nothing to compare. */
export const comparedFiles = (before: Files | undefined, after: Files): ReadonlyArray<ComparedFile> => {
  const changeOf = (path: string): ComparedFile["change"] => {
    if (before === undefined) return "same";
    const [was, is] = [before[path], after[path]];
    if (was === is) return "same";
    return was === undefined ? "added" : is === undefined ? "removed" : "changed";
  };
  const paths = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after)])].sort();
  const all = paths.map((path) => ({ path, change: changeOf(path) }));
  return [...all.filter(({ change }) => change !== "same"), ...all.filter(({ change }) => change === "same")];
};

/** The sign of what became of a file. */
export const fileSigns = { added: "+", removed: "−", changed: "~", same: " " } as const;
