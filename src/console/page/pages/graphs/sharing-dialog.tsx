import { useState } from "react";
import type { DocumentOf } from "../../../../contract/views/mod.ts";
import { useCommand } from "../../data/command.ts";
import { useSession } from "../../data/session.tsx";
import { useRoles } from "../../data/standing.tsx";
import { Button } from "../../design/button.tsx";
import { Dialog } from "../../design/dialog.tsx";
import { Failure } from "../../design/failure.tsx";
import { Field } from "../../design/field.tsx";
import { List, ListItem } from "../../design/list.tsx";
import { TextOf } from "../../design/text-of.tsx";
import classes from "./graph.module.css";

/** Whose a graph is, and who else may change it. */
export const SharingDialog = ({
  document: { id, owner, editors, archived },
  onClose,
}: {
  readonly document: DocumentOf<"graphs">;
  readonly onClose: () => void;
}) => {
  const { principal } = useSession();
  const roles = useRoles();
  const [other, setOther] = useState("");
  const share = useCommand("graph", "share");
  const unshare = useCommand("graph", "unshare");
  const transfer = useCommand("graph", "transfer");
  const isMine = owner === principal || roles.includes("admin");
  const archive = useCommand("graph", "archive");
  const error = share.error ?? unshare.error ?? transfer.error ?? archive.error;
  const name = other.trim();
  return (
    <Dialog isOpen onClose={onClose} title={`Who may change ${id}`}>
      <div className={classes.dialog}>
        <List label="Who may change it">
          <ListItem>
            <TextOf text={owner} /> <span className={classes.hint}>owner</span>
          </ListItem>
          {editors.map((editor) => (
            <ListItem
              key={editor}
              actions={
                isMine && (
                  <Button
                    label={`Stop sharing with ${editor}`}
                    busy={unshare.isPending}
                    onClick={() => void unshare.give(id, { with: editor })}
                  >
                    Stop sharing
                  </Button>
                )
              }
            >
              <TextOf text={editor} />
            </ListItem>
          ))}
        </List>
        {isMine ? (
          <>
            <Field
              mono
              label="Another person or agent"
              hint="By the name it acts under."
              value={other}
              onChange={setOther}
            />
            <div className={classes.actions}>
              <Button
                kind="main"
                disabled={name === ""}
                busy={share.isPending}
                onClick={() => void share.give(id, { with: name }).then((done) => done && setOther(""))}
              >
                Share
              </Button>
              <Button
                kind="bad"
                disabled={name === ""}
                busy={transfer.isPending}
                onClick={() => void transfer.give(id, { to: name }).then((done) => done && setOther(""))}
              >
                Give it away
              </Button>
            </div>
          </>
        ) : (
          <p className={classes.hint}>Only the owner or an admin can share it.</p>
        )}
        {owner === principal && archived !== true && (
          <div className={classes.actions}>
            <Button kind="bad" busy={archive.isPending} onClick={() => void archive.give(id, {})}>
              Archive it
            </Button>
            <span className={classes.hint}>Nobody can change it until it is imported again.</span>
          </div>
        )}
        {error !== undefined && <Failure error={error} />}
      </div>
    </Dialog>
  );
};
