import { Button } from "../../design/button.tsx";
import { Dialog } from "../../design/dialog.tsx";
import { TextOf } from "../../design/text-of.tsx";
import classes from "./graph.module.css";

/** Asks about what looks like a secret, before it is in the log for good. */
export const SecretsDialog = ({
  fields,
  onAllow,
  onClose,
}: {
  readonly fields: ReadonlyArray<string>;
  readonly onAllow: () => void;
  readonly onClose: () => void;
}) => (
  <Dialog isOpen onClose={onClose} title="This looks like a secret">
    <div className={classes.dialog}>
      <ul className={classes.list}>
        {fields.map((field) => (
          <li key={field}>
            <code>
              <TextOf text={field} />
            </code>
          </li>
        ))}
      </ul>
      <p>
        A graph stays in the log, and its flake in the Nix store, which everyone on a host can read. Put secrets into a
        file on the host, and name the file.
      </p>
      <div className={classes.actions}>
        <Button kind="main" onClick={onClose}>
          Go back
        </Button>
        <Button kind="bad" onClick={onAllow}>
          They are no secrets: save
        </Button>
      </div>
    </div>
  </Dialog>
);
