import { defined } from "../../../../domain/kernel/mod.ts";
import { useCommand } from "../../data/command.ts";
import { useSession } from "../../data/session.tsx";
import { useForgetTyped, useTyped } from "../../data/typed.ts";
import { Button } from "../../design/button.tsx";
import { Failure } from "../../design/failure.tsx";
import { Field } from "../../design/field.tsx";
import { Panel } from "../../design/list.tsx";
import classes from "./knowledge.module.css";

/** Adds evidence for or against a fact of somebody else; takes back one's own. */
export const EvidencePanel = ({
  space,
  fact: { id, author },
}: {
  readonly space: string;
  readonly fact: { readonly id: string; readonly author: string };
}) => {
  const { principal } = useSession();
  const [evidence, setEvidence] = useTyped(`evidence/${id}/evidence`);
  const [note, setNote] = useTyped(`evidence/${id}/note`);
  const forget = useForgetTyped(`evidence/${id}`);
  const support = useCommand("knowledge", "support-fact");
  const dispute = useCommand("knowledge", "dispute-fact");
  const retract = useCommand("knowledge", "retract-fact");
  const isMine = author === principal;
  const error = support.error ?? dispute.error ?? retract.error;
  const text = note.trim() === "" ? undefined : note.trim();
  const payload = { fact: id, evidence: evidence.trim(), ...defined({ note: text }) };
  const sent = async (answer: Promise<unknown>) => {
    if ((await answer) !== undefined) forget();
  };
  return (
    <Panel title={isMine ? "Your fact" : "What you know of it"}>
      <div className={classes.evidence}>
        {!isMine && (
          <Field
            mono
            label="Evidence"
            value={evidence}
            onChange={setEvidence}
            placeholder="what shows it: a log, a page"
          />
        )}
        <Field label={isMine ? "Why you take it back" : "A note on it"} value={note} onChange={setNote} />
        {error !== undefined && <Failure error={error} />}
        <div className={classes.buttons}>
          {isMine ? (
            <Button
              kind="bad"
              busy={retract.isPending}
              onClick={() => void sent(retract.give(space, { fact: id, ...defined({ reason: text }) }))}
            >
              Take it back
            </Button>
          ) : (
            <>
              <Button
                busy={support.isPending}
                disabled={evidence.trim() === ""}
                onClick={() => void sent(support.give(space, payload))}
              >
                It speaks for it
              </Button>
              <Button
                kind="bad"
                busy={dispute.isPending}
                disabled={evidence.trim() === ""}
                onClick={() => void sent(dispute.give(space, payload))}
              >
                It speaks against it
              </Button>
            </>
          )}
        </div>
      </div>
    </Panel>
  );
};
