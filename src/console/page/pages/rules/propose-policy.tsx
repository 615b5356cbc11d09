import { useMemo } from "react";
import { useLocation } from "wouter";
import type { AnswerOf } from "../../../../contract/views/mod.ts";
import { Protocol } from "../../../../domain/consensus/protocols.ts";
import { defined } from "../../../../domain/kernel/mod.ts";
import { useCommand } from "../../data/command.ts";
import { useForgetTyped, useTyped } from "../../data/typed.ts";
import { Button } from "../../design/button.tsx";
import { Dialog } from "../../design/dialog.tsx";
import { Failure } from "../../design/failure.tsx";
import { Check, Field, Select } from "../../design/field.tsx";
import { policyOf, readPolicy } from "./policy.ts";
import classes from "./rules.module.css";

type Policy = AnswerOf<"policies", "list">["items"][number];

/** The fields that have a control of their own. The others are JSON. */
const split = (policy: Policy) => {
  const {
    description = "",
    protocol,
    threshold = "",
    quorum,
    votingSeconds,
    discussionSeconds,
    ...others
  } = policyOf(policy);
  const { signedBallots = false, ...rest } = others;
  return {
    description,
    protocol,
    threshold,
    quorum,
    votingSeconds: String(votingSeconds),
    discussionSeconds: String(discussionSeconds),
    signedBallots,
    rest: JSON.stringify(rest, null, 2),
  };
};

const isWhole = (text: string): boolean => /^\d{1,9}$/.test(text.trim());

type Form = Partial<ReturnType<typeof split>>;

/** What of the form was changed and not sent yet, as this tab has kept it. */
const changesIn = (text: string): Form => (text === "" ? {} : JSON.parse(text));

/** Puts another policy for a kind of proposals to the vote. */
export const ProposePolicy = ({ policy, onClose }: { readonly policy: Policy; readonly onClose: () => void }) => {
  const { id } = policy;
  const [, go] = useLocation();
  const [changed, setChanged] = useTyped(`policy/${id}/form`);
  const [reason, setReason] = useTyped(`policy/${id}/reason`);
  const forget = useForgetTyped(`policy/${id}`);
  const form = useMemo(() => ({ ...split(policy), ...changesIn(changed) }), [policy, changed]);
  // The installation reads the policy by its schema, and refuses by name what does not fit.
  const propose = useCommand<"policy", string>("policy", "propose");
  const set = (change: Form) => setChanged(JSON.stringify({ ...changesIn(changed), ...change }));
  const rest = useMemo(() => readPolicy(form.rest), [form.rest]);
  const isReady = "fields" in rest && isWhole(form.votingSeconds) && isWhole(form.discussionSeconds);
  const textOf = (text: string) => (text.trim() === "" ? undefined : text.trim());
  const give = async () => {
    if (!("fields" in rest)) return;
    const payload = {
      ...rest.fields,
      protocol: form.protocol,
      quorum: form.quorum.trim(),
      votingSeconds: Number(form.votingSeconds),
      discussionSeconds: Number(form.discussionSeconds),
      ...defined({
        description: textOf(form.description),
        threshold: textOf(form.threshold),
        signedBallots: form.signedBallots ? true : undefined,
        reason: textOf(reason),
      }),
    };
    if ((await propose.give(id, payload)) === undefined) return;
    forget();
    onClose();
    go("/rules?tab=policies");
  };
  return (
    <Dialog isOpen onClose={onClose} title={`Propose another policy for ${id}`}>
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (isReady) void give();
        }}
      >
        <Field label="What it is for" value={form.description} onChange={(description) => set({ description })} />
        <div className={classes.fields}>
          <Select
            label="Protocol"
            value={form.protocol}
            choices={Protocol.literals}
            onChange={(protocol) => set({ protocol })}
          />
          <Field label="Threshold" value={form.threshold} onChange={(threshold) => set({ threshold })} />
          <Field label="Quorum" value={form.quorum} onChange={(quorum) => set({ quorum })} />
          <Field
            label="Vote (seconds)"
            value={form.votingSeconds}
            onChange={(votingSeconds) => set({ votingSeconds })}
            problem={isWhole(form.votingSeconds) ? undefined : "a whole number"}
          />
          <Field
            label="Discussion (seconds)"
            value={form.discussionSeconds}
            onChange={(discussionSeconds) => set({ discussionSeconds })}
            problem={isWhole(form.discussionSeconds) ? undefined : "a whole number"}
          />
        </div>
        <Check
          label="Ballots are signed"
          checked={form.signedBallots}
          onChange={(signedBallots) => set({ signedBallots })}
        />
        <Field
          mono
          lines={8}
          label="Its other fields, as JSON"
          value={form.rest}
          onChange={(text) => set({ rest: text })}
          problem={"fault" in rest ? rest.fault : undefined}
        />
        <Field label="Reason" hint="Voters read it." value={reason} onChange={setReason} lines={2} />
        {propose.error !== undefined && <Failure error={propose.error} />}
        <div className={classes.buttons}>
          <Button kind="main" type="submit" busy={propose.isPending} disabled={!isReady}>
            Put it to the vote
          </Button>
        </div>
      </form>
    </Dialog>
  );
};
