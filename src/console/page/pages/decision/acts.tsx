import type { DocumentOf } from "../../../../contract/views/mod.ts";
import { defined } from "../../../../domain/kernel/mod.ts";
import { useCommand } from "../../data/command.ts";
import type { SignerHook } from "../../data/signer.ts";
import { useRoles } from "../../data/standing.tsx";
import { useTyped } from "../../data/typed.ts";
import { Button } from "../../design/button.tsx";
import { Failure } from "../../design/failure.tsx";
import { Field } from "../../design/field.tsx";
import { Panel } from "../../design/list.tsx";
import { Signing } from "../../parts/signing.tsx";
import classes from "./decision.module.css";

type Proposal = DocumentOf<"proposals">;

const open: ReadonlyArray<string> = ["pending", "active", "amending", "approved", "approved-with-conditions"];

/** Stops the proposal, signed if this browser has the person's key. */
const VetoPanel = ({
  proposal: { id, signedBallots },
  signing,
  hasSigning,
}: {
  readonly proposal: Proposal;
  readonly signing: SignerHook;
  readonly hasSigning: boolean;
}) => {
  const [reason, setReason] = useTyped(`veto/${id}`);
  const veto = useCommand("proposal", "veto");
  const isUnsigned = !signing.isRegistered;
  const send = async () => {
    const given = await veto.give(id, { reason }, defined({ signer: isUnsigned ? undefined : signing.signer }));
    if (given !== undefined) setReason("");
  };
  return (
    <Panel title="Your veto" hint="until it is enacted">
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <Field label="Why it must not happen" value={reason} onChange={setReason} lines={2} />
        <div>
          <Button
            kind="bad"
            type="submit"
            busy={veto.isPending}
            disabled={reason.trim() === "" || (isUnsigned && signedBallots === true)}
          >
            {isUnsigned ? "Veto without a signature" : "Sign the veto"}
          </Button>
        </div>
        {veto.error !== undefined && <Failure error={veto.error} />}
      </form>
      {!hasSigning && <Signing signing={signing} />}
    </Panel>
  );
};

/** What the proposer or an admin may do with the proposal itself. */
const ProposersPanel = ({ proposal, isProposer }: { readonly proposal: Proposal; readonly isProposer: boolean }) => {
  const { id, status } = proposal;
  const [reason, setReason] = useTyped(`withdraw/${id}`);
  const openVoting = useCommand("proposal", "open-voting");
  const withdraw = useCommand("proposal", "withdraw");
  const cancel = useCommand("proposal", "cancel");
  const given = defined({ reason: reason.trim() === "" ? undefined : reason });
  const sent = async (answer: Promise<unknown>) => {
    if ((await answer) !== undefined) setReason("");
  };
  const error = openVoting.error ?? withdraw.error ?? cancel.error;
  return (
    <Panel title="The proposal itself">
      <div className={classes.form}>
        {isProposer && status === "pending" && (
          <div>
            <Button kind="main" busy={openVoting.isPending} onClick={() => void openVoting.give(id, {})}>
              Open voting now
            </Button>
          </div>
        )}
        <Field label="Why it is taken back" value={reason} onChange={setReason} />
        <div className={classes.buttons}>
          {isProposer ? (
            <Button kind="bad" busy={withdraw.isPending} onClick={() => void sent(withdraw.give(id, given))}>
              Withdraw it
            </Button>
          ) : (
            <Button kind="bad" busy={cancel.isPending} onClick={() => void sent(cancel.give(id, given))}>
              Call the vote off
            </Button>
          )}
        </div>
        {error !== undefined && <Failure error={error} />}
      </div>
    </Panel>
  );
};

/**
 * What one may do besides voting: veto, open, withdraw, cancel. Nothing once it has come to its end. `hasSigning`: the page
 * shows elsewhere what one signs with.
 */
export const Acts = ({
  proposal,
  me,
  signing,
  hasSigning,
}: {
  readonly proposal: Proposal;
  readonly me: string;
  readonly signing: SignerHook;
  readonly hasSigning: boolean;
}) => {
  const roles = useRoles();
  const { status, vetoHolders = [], proposer, kind } = proposal;
  if (!open.includes(status)) return null;
  const isProposer = proposer === me;
  // What the system has put to the vote is called off where it came from: a deployment, a policy.
  const mayCancel = roles.includes("admin") && kind !== "deployment" && kind !== "policy" && kind !== "unfreeze";
  return (
    <>
      {vetoHolders.includes(me) && roles.includes("voter") && (
        <VetoPanel proposal={proposal} signing={signing} hasSigning={hasSigning} />
      )}
      {(isProposer || mayCancel) && <ProposersPanel proposal={proposal} isProposer={isProposer} />}
    </>
  );
};
