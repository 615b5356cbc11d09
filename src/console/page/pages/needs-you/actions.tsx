import { type ReactNode, useState } from "react";
import type { DocumentOf } from "../../../../contract/views/mod.ts";
import { useCommand } from "../../data/command.ts";
import { useKept } from "../../data/kept.ts";
import { Button } from "../../design/button.tsx";
import { Failure } from "../../design/failure.tsx";
import { Field } from "../../design/field.tsx";
import classes from "./actions.module.css";

/** Buttons, and below them why the last command was refused. */
export const Actions = ({ error, children }: { readonly error?: unknown; readonly children: ReactNode }) => (
  <div className={classes.actions}>
    <div className={classes.buttons}>{children}</div>
    {error !== undefined && <Failure error={error} />}
  </div>
);

/** Takes the word, or leaves it where it is. */
export const WordActions = ({ dialog: { id, handOff } }: { readonly dialog: DocumentOf<"dialogs"> }) => {
  const accept = useCommand("dialog", "accept-hand-off");
  const decline = useCommand("dialog", "decline-hand-off");
  if (handOff === undefined) return null;
  const payload = { handOff: handOff.handOff };
  return (
    <Actions error={accept.error ?? decline.error}>
      <Button kind="main" busy={accept.isPending} onClick={() => void accept.give(id, payload)}>
        Take the word
      </Button>
      <Button busy={decline.isPending} onClick={() => void decline.give(id, payload)}>
        Decline
      </Button>
    </Actions>
  );
};

/** Answers a turn, or says that one has read it. */
export const TurnActions = ({ dialog, turn }: { readonly dialog: string; readonly turn: number }) => {
  const [text, setText] = useState("");
  const say = useCommand("dialog", "say");
  const acknowledge = useCommand("dialog", "acknowledge");
  const answer = async () => {
    if ((await say.give(dialog, { text })) !== undefined) setText("");
  };
  return (
    <Actions error={say.error ?? acknowledge.error}>
      <Field label="Your answer" labelUnseen value={text} onChange={setText} placeholder="Your answer …" />
      <Button kind="main" busy={say.isPending} disabled={text.trim() === ""} onClick={() => void answer()}>
        Say
      </Button>
      <Button busy={acknowledge.isPending} onClick={() => void acknowledge.give(dialog, { turn })}>
        Need not answer
      </Button>
    </Actions>
  );
};

/** Calls a task off that nobody can take. */
export const TaskActions = ({ id }: { readonly id: string }) => {
  const cancel = useCommand("task", "cancel");
  return (
    <Actions error={cancel.error}>
      <Button kind="bad" busy={cancel.isPending} onClick={() => void cancel.give(id, {})}>
        Cancel the task
      </Button>
    </Actions>
  );
};

/** Puts the hosts of a deployment back as far as that is not done, or notes that one has seen the failure. */
export const FailureActions = ({ deployment: { id, status } }: { readonly deployment: DocumentOf<"deployments"> }) => {
  const rollBack = useCommand("deployment", "roll-back");
  const [, keep] = useKept("seen-failures");
  return (
    <Actions error={rollBack.error}>
      {status === "rollback-incomplete" && (
        <Button kind="back" busy={rollBack.isPending} onClick={() => void rollBack.give(id, {})}>
          ↩ Roll back again
        </Button>
      )}
      <Button onClick={() => keep(id)} label={`I have seen that ${id} failed`}>
        Seen
      </Button>
    </Actions>
  );
};

/** Has a step tried again, or gives it up. */
export const ParkedActions = ({ id }: { readonly id: string }) => {
  const retry = useCommand("parked-step", "retry");
  const drop = useCommand("parked-step", "drop");
  return (
    <Actions error={retry.error ?? drop.error}>
      <Button kind="main" busy={retry.isPending} onClick={() => void retry.give(id, {})}>
        Try it again
      </Button>
      <Button kind="bad" busy={drop.isPending} onClick={() => void drop.give(id, { reason: "dropped in the console" })}>
        Drop it
      </Button>
    </Actions>
  );
};
