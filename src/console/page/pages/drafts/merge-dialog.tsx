import { useMemo, useState } from "react";
import type { Draft } from "../../../designer/draft.ts";
import { type Conflict, merged } from "../../../designer/merge.ts";
import { useDomain } from "../../data/domain.ts";
import { Button } from "../../design/button.tsx";
import { Dialog } from "../../design/dialog.tsx";
import { List, ListItem } from "../../design/list.tsx";
import { TextOf } from "../../design/text-of.tsx";
import classes from "./drafts.module.css";

const valueText = (value: Conflict["mine"]): string =>
  value === undefined ? "taken out" : JSON.stringify(value, null, 2);

/** One side of a conflict, which one may choose. */
const Side = ({
  name,
  value,
  isChosen,
  onChoose,
}: {
  readonly name: string;
  readonly value: Conflict["mine"];
  readonly isChosen: boolean;
  readonly onChoose: () => void;
}) => (
  <button type="button" className={classes.side} aria-pressed={isChosen} onClick={onChoose}>
    {isChosen ? "✓ " : ""}
    {name}
    <code>
      <TextOf text={valueText(value)} lines />
    </code>
  </button>
);

/** Takes what was saved meanwhile into a draft: what only one side has changed by itself, the rest by choice. */
export const MergeDialog = ({
  base,
  live,
  mine,
  onMerge,
  onClose,
}: {
  readonly base: Draft;
  readonly live: { readonly version: number; readonly draft: Draft };
  readonly mine: Draft;
  readonly onMerge: (draft: Draft) => void;
  readonly onClose: () => void;
}) => {
  const [choices, setChoices] = useState<ReadonlyMap<string, "mine" | "theirs">>(new Map());
  const { draft, conflicts } = useMemo(() => merged(base, live.draft, mine, choices), [base, live, mine, choices]);
  const theirs = useDomain("changesBetween", base, live.draft);
  const choose = (id: string, side: "mine" | "theirs") => setChoices((before) => new Map(before).set(id, side));
  return (
    <Dialog isOpen onClose={onClose} title={`Take version ${live.version} into the draft`}>
      <div className={classes.dialog}>
        <h3>What was saved meanwhile</h3>
        <List label="Changes of others">
          {(theirs ?? []).map((text) => (
            <ListItem key={text}>
              <TextOf text={text} />
            </ListItem>
          ))}
        </List>
        <h3>
          {conflicts.length === 0
            ? "Nothing stands against the draft."
            : `Changed on both sides: ${conflicts.length}. Choose what holds.`}
        </h3>
        {conflicts.map(({ id, mine: here, theirs: there }) => (
          <div key={id} role="group" aria-label={id}>
            <p>
              <TextOf text={id} />
            </p>
            <div className={classes.sides}>
              <Side
                name="the draft"
                value={here}
                isChosen={choices.get(id) !== "theirs"}
                onChoose={() => choose(id, "mine")}
              />
              <Side
                name={`version ${live.version}`}
                value={there}
                isChosen={choices.get(id) === "theirs"}
                onChoose={() => choose(id, "theirs")}
              />
            </div>
          </div>
        ))}
        <div className={classes.buttons}>
          <Button kind="main" onClick={() => onMerge(draft)}>
            Merge
          </Button>
        </div>
      </div>
    </Dialog>
  );
};
