import { lazy, Suspense, useState } from "react";
import type { DocumentOf } from "../../../contract/views/mod.ts";
import type { Choice } from "../../../domain/consensus/ballot.ts";
import type { GraphChange } from "../../../domain/graph/contract.ts";
import { canonicalJson, defined } from "../../../domain/kernel/mod.ts";
import { useCommand } from "../data/command.ts";
import type { SignerHook } from "../data/signer.ts";
import { useTyped } from "../data/typed.ts";
import { Button } from "../design/button.tsx";
import { Failure } from "../design/failure.tsx";
import { Check, Field } from "../design/field.tsx";
import { Panel } from "../design/list.tsx";
import classes from "./ballot.module.css";
import { ChangeDiff, type Revision } from "./change-diff.tsx";
import { Changes } from "./conditions.tsx";
import { Signing } from "./signing.tsx";

const ConditionDesigner = lazy(() => import("./condition-designer.tsx"));

type Proposal = DocumentOf<"proposals">;

/** The graph that is decided on, if it is a revision of one. */
export const revisionOf = ({ subject: { graph, graphVersion } }: Pick<Proposal, "subject">): Revision | undefined =>
  typeof graph === "string" && typeof graphVersion === "number" ? { graph, version: graphVersion } : undefined;

const choices: ReadonlyArray<readonly [Choice, string]> = [
  ["approve", "Approve"],
  ["reject", "Reject"],
  ["abstain", "Abstain"],
];

/** The remedies that reviewers offer for this revision, each once. */
const offeredIn = ({ reviews = [] }: Proposal) => {
  const all = reviews.flatMap(({ reviewer, remedies }) =>
    remedies.map((changes) => ({ key: canonicalJson(changes), reviewer, changes })),
  );
  return [...new Map(all.map((remedy) => [remedy.key, remedy])).values()];
};

/** What somebody has typed for a ballot that cannot be cast any more: it stays until they throw it away. */
export const UnsentBallot = ({ id, because }: { readonly id: string; readonly because: string }) => {
  const [reason, setReason] = useTyped(`ballot/${id}`);
  const [condition, setCondition] = useTyped(`condition/${id}`);
  if (reason === "" && condition === "") return null;
  const drop = () => {
    setReason("");
    setCondition("");
  };
  return (
    <Panel title="What you have typed">
      <div className={classes.form}>
        {reason !== "" && <Field label="Reason" value={reason} onChange={setReason} lines={2} />}
        {condition !== "" && <Field label="Only if (a condition in words)" value={condition} onChange={setCondition} />}
        <p role="status" className={classes.note}>
          {because} Your words stay here.
        </p>
        <div>
          <Button onClick={drop}>Throw it away</Button>
        </div>
      </div>
    </Panel>
  );
};

/** Casts the ballot of the one who acts, or changes it. It is for the round that one sees, and for no other. */
export const YourBallot = ({
  proposal,
  me,
  signing,
}: {
  readonly proposal: Proposal;
  readonly me: string;
  readonly signing: SignerHook;
}) => {
  const { id, round, ballots, ballotsMayChange, signedBallots = false, electorate } = proposal;
  const mine = ballots.find(({ voter }) => voter === me);
  const [choice, setChoice] = useState<Choice>();
  const [reason, setReason] = useTyped(`ballot/${id}`);
  const [condition, setCondition] = useTyped(`condition/${id}`);
  const [wanted, setWanted] = useState<ReadonlyArray<string>>([]);
  const [accepts, setAccepts] = useState(false);
  const [own, setOwn] = useState<ReadonlyArray<GraphChange>>([]);
  const [isDesigning, setDesigning] = useState(false);
  const revision = revisionOf(proposal);
  const vote = useCommand("proposal", "vote");
  const offered = offeredIn(proposal);
  const isApproval = choice === "approve";

  if (mine !== undefined && !ballotsMayChange)
    return (
      <Panel title="Your ballot">
        <p className={classes.quiet}>You have voted, and these ballots may not be changed.</p>
      </Panel>
    );

  const cast = async () => {
    if (choice === undefined) return;
    const conditions = isApproval
      ? [
          ...(condition.trim() === "" && own.length === 0
            ? []
            : [
                {
                  text: condition.trim() === "" ? "the graph is changed like this" : condition.trim(),
                  ...defined({ changes: own.length === 0 ? undefined : own }),
                },
              ]),
          ...offered
            .filter(({ key }) => wanted.includes(key))
            .map(({ reviewer, changes }) => ({ text: `the remedy of ${reviewer}`, changes })),
        ]
      : [];
    const payload = defined({
      choice,
      round,
      reason: reason.trim() === "" ? undefined : reason,
      conditions: conditions.length === 0 ? undefined : conditions,
      acceptsRemedies: isApproval && accepts ? true : undefined,
    });
    const accepted = await vote.give(
      id,
      payload,
      defined({ signer: signing.isRegistered ? signing.signer : undefined }),
    );
    if (accepted === undefined) return;
    setChoice(undefined);
    setReason("");
    setCondition("");
    setWanted([]);
    setAccepts(false);
    setOwn([]);
  };

  const known = electorate.find((member) => member.id === me)?.publicKey;
  const isUnsigned = !signing.isRegistered;
  const isOtherKey = !isUnsigned && known !== signing.signer?.publicKey;
  return (
    <Panel title="Your ballot" hint={mine === undefined ? undefined : `you have cast: ${mine.choice}`}>
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          void cast();
        }}
      >
        <fieldset className={classes.choices}>
          <legend className="unseen">Your choice</legend>
          {choices.map(([name, label]) => (
            <label key={name} className={`${classes.choice} ${choice === name ? classes[name] : ""}`}>
              <input
                type="radio"
                name="choice"
                className="unseen"
                checked={choice === name}
                onChange={() => setChoice(name)}
              />
              {choice === name && <span aria-hidden="true">✓ </span>}
              {label}
            </label>
          ))}
        </fieldset>
        <Field label="Reason" value={reason} onChange={setReason} lines={2} />
        {isApproval && (
          <>
            <Field
              label="Only if (a condition in words)"
              value={condition}
              onChange={setCondition}
              lines={1}
              hint={
                revision === undefined
                  ? "It binds people, and no program."
                  : "Words bind people. Changes of the graph are made, and lead to another round."
              }
            />
            {revision !== undefined && (
              <div className={classes.buttons}>
                <Button onClick={() => setDesigning(true)}>
                  {own.length === 0 ? "Change the graph …" : "Change it otherwise …"}
                </Button>
                {own.length > 0 && <Button onClick={() => setOwn([])}>Without these changes</Button>}
              </div>
            )}
            {own.length > 0 && <Changes changes={own} />}
            {own.length > 0 && revision !== undefined && <ChangeDiff {...revision} changes={own} />}
            {offered.map(({ key, reviewer, changes }) => (
              <div key={key}>
                <Check
                  label={`Only with what ${reviewer} offers:`}
                  checked={wanted.includes(key)}
                  onChange={(on) => setWanted(on ? [...wanted, key] : wanted.filter((one) => one !== key))}
                />
                <Changes changes={changes} />
              </div>
            ))}
            {offered.length > 0 && (
              <Check
                label="My approval also stands for the graph with these remedies"
                checked={accepts}
                onChange={setAccepts}
              />
            )}
          </>
        )}
        <Button
          kind="main"
          type="submit"
          busy={vote.isPending}
          disabled={choice === undefined || (isUnsigned && signedBallots)}
        >
          {isUnsigned ? "Cast without a signature" : "Sign and cast"}
        </Button>
        {signedBallots && isUnsigned && <p className={classes.note}>The rules of this vote ask for a signature.</p>}
        {isOtherKey && (
          <p className={classes.note}>
            The vote does not know your new key yet. It is told of it as soon as your key is registered; try it again in
            a moment if it refuses.
          </p>
        )}
        {vote.error !== undefined && <Failure error={vote.error} />}
      </form>
      {/* Outside the form: what is sent in a dialog of the designer must not cast the ballot. */}
      {isDesigning && revision !== undefined && (
        <Suspense>
          <ConditionDesigner
            {...revision}
            onTake={(changes) => {
              setOwn(changes);
              setDesigning(false);
            }}
            onClose={() => setDesigning(false)}
          />
        </Suspense>
      )}
      <Signing signing={signing} />
    </Panel>
  );
};
