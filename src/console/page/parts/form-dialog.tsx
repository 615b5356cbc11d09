import type { ReactNode } from "react";
import { Button } from "../design/button.tsx";
import { Dialog } from "../design/dialog.tsx";
import { Failure } from "../design/failure.tsx";
import classes from "./parts.module.css";

/** A form in a dialog that gives one command. What was refused is said above the button, and the form stays. */
export const FormDialog = ({
  title,
  action,
  isReady,
  busy,
  error,
  onSend,
  onClose,
  children,
}: {
  readonly title: string;
  /** The words of its button. */
  readonly action: string;
  readonly isReady: boolean;
  readonly busy: boolean;
  readonly error: unknown;
  readonly onSend: () => void;
  readonly onClose: () => void;
  readonly children: ReactNode;
}) => (
  <Dialog isOpen onClose={onClose} title={title}>
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (isReady) onSend();
      }}
    >
      {children}
      {error !== undefined && <Failure error={error} />}
      <div>
        <Button kind="main" type="submit" busy={busy} disabled={!isReady}>
          {action}
        </Button>
      </div>
    </form>
  </Dialog>
);
