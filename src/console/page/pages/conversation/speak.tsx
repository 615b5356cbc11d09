import { useState } from "react";
import type { DocumentOf } from "../../../../contract/views/mod.ts";
import { defined } from "../../../../domain/kernel/mod.ts";
import { useCommand } from "../../data/command.ts";
import { useTyped } from "../../data/typed.ts";
import { Button } from "../../design/button.tsx";
import { Failure } from "../../design/failure.tsx";
import { Field, Select } from "../../design/field.tsx";
import { Panel } from "../../design/list.tsx";
import classes from "./conversation.module.css";

type Dialog = DocumentOf<"dialogs">;

const asRouted = "as the dialog sends it";

/**
 * Says something, as an answer if one was begun. What is typed stays until it was taken, also if it cannot be said any more:
 * `silence` is why.
 */
export const SpeakPanel = ({
  dialog,
  me,
  silence,
  answers,
  onAnswered,
}: {
  readonly dialog: Dialog;
  readonly me: string;
  readonly silence: string | undefined;
  readonly answers: number | undefined;
  readonly onAnswered: () => void;
}) => {
  const { id, participants, routing, awaited } = dialog;
  const [text, setText] = useTyped(`say/${id}`);
  const [to, setTo] = useState(asRouted);
  const [capability, setCapability] = useState("");
  const say = useCommand("dialog", "say");
  const acknowledge = useCommand("dialog", "acknowledge");
  const others = participants.filter((one) => one !== me);
  const mine = awaited.filter(({ asked }) => asked.at(-1) === me);
  if (silence !== undefined && text === "") return null;
  const send = async () => {
    if (silence !== undefined) return;
    const payload = defined({
      text,
      to: to === asRouted ? undefined : to,
      capability: capability.trim() === "" ? undefined : capability,
      answers,
    });
    if ((await say.give(id, payload)) === undefined) return;
    setText("");
    onAnswered();
  };
  return (
    <Panel
      title="Speak"
      hint={answers === undefined ? undefined : `answers #${answers}`}
      actions={
        answers !== undefined && (
          <button type="button" className={classes.link} onClick={onAnswered}>
            not an answer
          </button>
        )
      }
    >
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <Field
          label="What you say"
          labelUnseen
          value={text}
          onChange={setText}
          lines={3}
          placeholder="What you say …"
        />
        <Select label="To" value={to} choices={[asRouted, ...others]} onChange={setTo} />
        {routing === "capability" && to === asRouted && (
          <Field label="To those who can" value={capability} onChange={setCapability} mono placeholder="review" />
        )}
        <div className={classes.buttons}>
          <Button kind="main" type="submit" busy={say.isPending} disabled={text.trim() === "" || silence !== undefined}>
            Say
          </Button>
          {silence !== undefined && <Button onClick={() => setText("")}>Throw it away</Button>}
          {silence === undefined &&
            mine.map(({ turn }) => (
              <Button key={turn} busy={acknowledge.isPending} onClick={() => void acknowledge.give(id, { turn })}>
                {`Need not answer #${turn}`}
              </Button>
            ))}
        </div>
        {silence !== undefined && (
          <p role="status" className={classes.silence}>
            <span aria-hidden="true">◌ </span>
            {silence} What you have typed stays here.
          </p>
        )}
        {(say.error ?? acknowledge.error) !== undefined && <Failure error={say.error ?? acknowledge.error} />}
      </form>
    </Panel>
  );
};

/** Offers the word to somebody, or takes or leaves what was offered. */
export const WordPanel = ({ dialog, me }: { readonly dialog: Dialog; readonly me: string }) => {
  const { id, participants, handOff } = dialog;
  const others = participants.filter((one) => one !== me);
  const [to, setTo] = useState(others[0] ?? "");
  const [reason, setReason] = useTyped(`hand-off/${id}`);
  const offer = useCommand("dialog", "hand-off");
  const accept = useCommand("dialog", "accept-hand-off");
  const decline = useCommand("dialog", "decline-hand-off");
  const error = offer.error ?? accept.error ?? decline.error;
  if (others.length === 0) return null;
  const handOver = async () => {
    const given = defined({ to, reason: reason.trim() === "" ? undefined : reason });
    if ((await offer.give(id, given)) !== undefined) setReason("");
  };
  return (
    <Panel title="The word">
      <div className={classes.form}>
        {handOff?.to === me && (
          <div className={classes.buttons}>
            <Button
              kind="main"
              busy={accept.isPending}
              onClick={() => void accept.give(id, { handOff: handOff.handOff })}
            >
              Take the word
            </Button>
            <Button busy={decline.isPending} onClick={() => void decline.give(id, { handOff: handOff.handOff })}>
              Decline it
            </Button>
          </div>
        )}
        <Select label="Hand over to" value={to} choices={others} onChange={setTo} />
        <Field label="Why" value={reason} onChange={setReason} />
        <div>
          <Button busy={offer.isPending} onClick={() => void handOver()}>
            Offer the word
          </Button>
        </div>
        {error !== undefined && <Failure error={error} />}
      </div>
    </Panel>
  );
};

/** Pauses the dialog, lets it go on, or ends it. */
export const LeadPanel = ({ dialog: { id, status } }: { readonly dialog: Dialog }) => {
  const [reason, setReason] = useTyped(`lead/${id}`);
  const pause = useCommand("dialog", "pause");
  const resume = useCommand("dialog", "resume");
  const close = useCommand("dialog", "close");
  const given = defined({ reason: reason.trim() === "" ? undefined : reason });
  const error = pause.error ?? resume.error ?? close.error;
  const lead = async (command: typeof pause | typeof close) => {
    if ((await command.give(id, given)) !== undefined) setReason("");
  };
  return (
    <Panel title="The conversation itself">
      <div className={classes.form}>
        <Field label="Reason" value={reason} onChange={setReason} />
        <div className={classes.buttons}>
          {status === "paused" ? (
            <Button busy={resume.isPending} onClick={() => void resume.give(id, {})}>
              Resume
            </Button>
          ) : (
            <Button busy={pause.isPending} onClick={() => void lead(pause)}>
              Pause
            </Button>
          )}
          <Button kind="bad" busy={close.isPending} onClick={() => void lead(close)}>
            Close it
          </Button>
        </div>
        {error !== undefined && <Failure error={error} />}
      </div>
    </Panel>
  );
};
