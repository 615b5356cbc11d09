import { type ReactNode, useState } from "react";
import { defined } from "../../../domain/kernel/mod.ts";
import type { CommandHook } from "../data/command.ts";
import { useTyped } from "../data/typed.ts";
import { Button } from "../design/button.tsx";
import { Dialog } from "../design/dialog.tsx";
import { Failure } from "../design/failure.tsx";
import { Field } from "../design/field.tsx";
import classes from "./parts.module.css";

/** A button that says what follows and asks why, before it gives a command that takes something away. */
export const ReasonButton = <P,>({
  children,
  kind,
  title,
  says,
  action,
  isNeeded = false,
  command: { isPending, error, forget },
  give,
}: {
  readonly children: ReactNode;
  readonly kind: "bad" | "back";
  readonly title: string;
  /** What follows from it. */
  readonly says: string;
  /** The words of the button that does it. */
  readonly action: string;
  /** Whether the contract wants a reason. */
  readonly isNeeded?: boolean;
  readonly command: CommandHook<P>;
  /** Gives the command. Returns undefined if it was refused. */
  readonly give: (given: { readonly reason?: string }, reason: string) => Promise<unknown>;
}) => {
  const [isOpen, setOpen] = useState(false);
  const [text, setText] = useTyped(`why/${title}`);
  const reason = text.trim();
  const close = () => {
    setOpen(false);
    forget();
  };
  const send = async () => {
    if ((await give(defined({ reason: reason === "" ? undefined : reason }), reason)) === undefined) return;
    setText("");
    close();
  };
  return (
    <>
      <Button kind={kind} onClick={() => setOpen(true)}>
        {children}
      </Button>
      <Dialog isOpen={isOpen} onClose={close} title={title}>
        <div className={classes.form}>
          <p>{says}</p>
          <Field label="Why" value={text} onChange={setText} />
          {error !== undefined && <Failure error={error} />}
          <div className={classes.buttons}>
            <Button kind={kind} busy={isPending} disabled={isNeeded && reason === ""} onClick={() => void send()}>
              {action}
            </Button>
            <Button onClick={close}>Leave it</Button>
          </div>
        </div>
      </Dialog>
    </>
  );
};
