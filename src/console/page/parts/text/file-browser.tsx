import { lazy, Suspense, useMemo, useState } from "react";
import { useSearchParams } from "wouter";
import { Check, Field } from "../../design/field.tsx";
import { TextOf } from "../../design/text-of.tsx";
import classes from "./file-browser.module.css";
import { comparedFiles, type Files, fileSigns } from "./files.ts";

const TextView = lazy(() => import("./text-view.tsx"));

/** Paths that are listed at once: more are found by a part of their names. */
const most = 200;
const words = { added: "new", removed: "gone", changed: "changed", same: "" } as const;

/** The files of a flake; with `before`, what became of those. The address keeps which one is open. */
export const FileBrowser = ({
  label,
  files,
  before,
}: {
  readonly label: string;
  readonly files: Files;
  readonly before?: Files | undefined;
}) => {
  const [parameters, setParameters] = useSearchParams();
  const [part, setPart] = useState("");
  const [isWhole, setWhole] = useState(false);
  const all = useMemo(() => comparedFiles(before, files), [before, files]);
  const found = all.filter(({ path }) => path.includes(part.trim()));
  const path = all.find((one) => one.path === parameters.get("file"))?.path ?? all[0]?.path ?? "";
  const open = (next: string) =>
    setParameters((old) => ({ ...Object.fromEntries(old), file: next }), { replace: true });
  const changed = all.filter(({ change }) => change !== "same").length;
  return (
    <div className={classes.browser}>
      <div className={classes.side}>
        <Field label="Files" labelUnseen type="search" placeholder="Part of a path" value={part} onChange={setPart} />
        <ul className={classes.list} aria-label={label}>
          {found.slice(0, most).map((file) => (
            <li key={file.path}>
              <button
                type="button"
                className={classes.file}
                aria-current={file.path === path}
                onClick={() => open(file.path)}
              >
                <span aria-hidden="true" className={classes[file.change]}>
                  {fileSigns[file.change]}
                </span>
                <TextOf text={file.path} />
                {file.change !== "same" && <span className="unseen"> ({words[file.change]})</span>}
              </button>
            </li>
          ))}
        </ul>
        {found.length > most && (
          <p className={classes.note}>{found.length - most} more: name a part of the path that you look for.</p>
        )}
        {before !== undefined && (
          <p className={classes.note}>
            {changed === 0 ? "No file differs." : `${changed} of ${all.length} files differ.`}
          </p>
        )}
      </div>
      <div className={classes.main}>
        {before !== undefined && <Check label="Also what has not changed" checked={isWhole} onChange={setWhole} />}
        <Suspense fallback={<div aria-busy="true" />}>
          <TextView
            label={path}
            text={files[path] ?? ""}
            before={before === undefined ? undefined : (before[path] ?? "")}
            isWhole={isWhole}
          />
        </Suspense>
      </div>
    </div>
  );
};
