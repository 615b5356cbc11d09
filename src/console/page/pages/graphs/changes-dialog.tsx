import type { Draft } from "../../../designer/draft.ts";
import { useDomain } from "../../data/domain.ts";
import { Button } from "../../design/button.tsx";
import { Dialog } from "../../design/dialog.tsx";
import { TextOf } from "../../design/text-of.tsx";
import classes from "./graph.module.css";

interface Versioned {
  readonly version: number;
  readonly draft: Draft;
}

const Lines = ({ texts }: { readonly texts: ReadonlyArray<string> | undefined }) => (
  <ul className={classes.list}>
    {texts === undefined ? (
      <li>It is not a graph yet: correct the errors first.</li>
    ) : (
      texts.map((text, index) => (
        <li key={index}>
          <TextOf text={text} />
        </li>
      ))
    )}
  </ul>
);

/** What one has changed and not saved; what others have saved meanwhile, and what to do about it. */
export const ChangesDialog = ({
  base,
  live,
  changes,
  onRebase,
  onDrop,
  onClose,
}: {
  readonly base: Versioned;
  /** The newest version, if it is another one. */
  readonly live: Versioned | undefined;
  readonly changes: ReadonlyArray<string> | undefined;
  /** Goes on with one's own draft, now against the newest version. */
  readonly onRebase: () => void;
  /** Goes on with the newest version. */
  readonly onDrop: () => void;
  readonly onClose: () => void;
}) => {
  const theirs = useDomain("changesBetween", live === undefined ? undefined : base.draft, live?.draft);
  return (
    <Dialog isOpen onClose={onClose} title={`Changes since version ${base.version}`}>
      <div className={classes.dialog}>
        <h3>Yours, not saved</h3>
        <Lines texts={changes} />
        {live !== undefined && (
          <>
            <h3>Of others, up to version {live.version}</h3>
            <Lines texts={theirs} />
            <p className={classes.hint}>
              If you go on with your graph and save it, it takes the place of theirs: put in again what should stay.
            </p>
          </>
        )}
        <div className={classes.actions}>
          {live !== undefined && <Button onClick={onRebase}>Go on with mine</Button>}
          <Button kind="bad" onClick={onDrop}>
            Drop my changes
          </Button>
        </div>
      </div>
    </Dialog>
  );
};
