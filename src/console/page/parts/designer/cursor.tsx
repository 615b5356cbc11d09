import type { Key } from "../../../designer/draft.ts";
import { TextOf } from "../../design/text-of.tsx";
import classes from "./mark.module.css";
import { useOthersAt } from "./others.ts";

/** Who else is at a node or an edge now. */
export const Cursor = ({ at }: { readonly at: Key }) => {
  const names = useOthersAt(at);
  if (names === undefined) return null;
  return (
    <span className={classes.cursor} title={`${names} is here`}>
      <span aria-hidden="true">✎ </span>
      <TextOf text={names} />
      <span className="unseen"> is here</span>
    </span>
  );
};
