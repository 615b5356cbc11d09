import { useState } from "react";
import { nodeTypeNames } from "../../../../domain/graph/types.ts";
import { elementsOf, textOf } from "../../../designer/draft.ts";
import { meaningOf } from "../../../designer/fields.ts";
import { withNode } from "../../../designer/parts.ts";
import { skeletonOf } from "../../../designer/skeleton.ts";
import { Button } from "../../design/button.tsx";
import { Dialog } from "../../design/dialog.tsx";
import { Select } from "../../design/field.tsx";
import { TextOf } from "../../design/text-of.tsx";
import type { Editor } from "./editor.ts";
import { focusForm } from "./element-form.tsx";
import classes from "./form.module.css";

const nowhere = "none yet";

/** The host that one is at: the one that is selected, or the one of the node that is. */
const hostHere = ({ draft, current }: Editor): string => {
  const { residents, placements } = skeletonOf(draft);
  const fields = current === undefined ? undefined : elementsOf(draft).get(current)?.fields;
  const id = textOf(fields?.id ?? fields?.from);
  if (residents.has(id)) return id;
  return placements.get(id)?.[0] ?? [...residents.keys()][0] ?? nowhere;
};

/** Adds a node: where it runs, and what it is. */
export const AddDialog = ({ editor, onClose }: { readonly editor: Editor; readonly onClose: () => void }) => {
  const [host, setHost] = useState(() => hostHere(editor));
  const hosts = [...skeletonOf(editor.draft).residents.keys()];
  return (
    <Dialog isOpen onClose={onClose} title="Add a node">
      <div className={classes.connect}>
        {hosts.length > 0 && <Select label="Runs on" value={host} choices={[...hosts, nowhere]} onChange={setHost} />}
        {nodeTypeNames.map((type) => (
          <div key={type} className={classes.choice}>
            <Button
              onClick={() => {
                editor.add((draft) => withNode(draft, type, host === nowhere ? undefined : host));
                onClose();
                focusForm();
              }}
            >
              {type}
            </Button>
            <p className={classes.hint}>
              <TextOf text={meaningOf("node", type) ?? ""} />
            </p>
          </div>
        ))}
      </div>
    </Dialog>
  );
};
