import { useState } from "react";
import { type EdgeType, edgeTypeNames } from "../../../../domain/graph/types.ts";
import { textOf } from "../../../designer/draft.ts";
import { meaningOf } from "../../../designer/fields.ts";
import { joinsOf, withEdge } from "../../../designer/parts.ts";
import { Button } from "../../design/button.tsx";
import { Combobox } from "../../design/combobox.tsx";
import { Dialog } from "../../design/dialog.tsx";
import { TextOf } from "../../design/text-of.tsx";
import type { Editor } from "./editor.ts";
import classes from "./form.module.css";

/** Joins a node to another: which one, and by which type of edge. Only what the two may have is offered. */
export const ConnectDialog = ({
  editor: { draft, add },
  from,
  to: given,
  onClose,
}: {
  readonly editor: Editor;
  readonly from: string;
  /** The other node, if the canvas knows it. */
  readonly to?: string;
  readonly onClose: () => void;
}) => {
  const [other, setOther] = useState(given);
  const targets = draft.nodes.map(({ id }) => textOf(id)).filter((id) => id !== "" && id !== from);
  const ways: ReadonlyArray<readonly [from: string, to: string]> =
    other === undefined
      ? []
      : [
          [from, other],
          [other, from],
        ];
  const choices = ways.flatMap(([begin, end]) => joinsOf(draft, begin, end).map((type) => ({ type, begin, end })));
  const join = (type: EdgeType, begin: string, end: string) => {
    add((before) => withEdge(before, type, begin, end));
    onClose();
  };
  return (
    <Dialog isOpen onClose={onClose} title={`Connect ${from}`}>
      <div className={classes.connect}>
        <Combobox label="With" value={other} choices={targets} onChange={setOther} placeholder="the other node" />
        {choices
          .toSorted((one, two) => edgeTypeNames.indexOf(one.type) - edgeTypeNames.indexOf(two.type))
          .map(({ type, begin, end }) => (
            <div key={`${type} ${begin}`} className={classes.choice}>
              <Button onClick={() => join(type, begin, end)}>
                {begin} {type} {end}
              </Button>
              <p className={classes.hint}>
                <TextOf text={meaningOf("edge", type) ?? ""} />
              </p>
            </div>
          ))}
      </div>
    </Dialog>
  );
};
