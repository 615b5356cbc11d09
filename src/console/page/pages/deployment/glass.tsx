import { useState } from "react";
import type { DocumentOf } from "../../../../contract/views/mod.ts";
import { isOver } from "../../../../domain/deployment/lifecycle.ts";
import { scopeText } from "../../../../domain/freeze/scope.ts";
import { useCommand } from "../../data/command.ts";
import { useSession } from "../../data/session.tsx";
import { useSigner } from "../../data/signer.ts";
import { useTyped } from "../../data/typed.ts";
import { Age } from "../../design/age.tsx";
import { Badge } from "../../design/badge.tsx";
import { Button } from "../../design/button.tsx";
import { Dialog } from "../../design/dialog.tsx";
import { Failure } from "../../design/failure.tsx";
import { Field } from "../../design/field.tsx";
import { Hash } from "../../design/hash.tsx";
import { Panel } from "../../design/list.tsx";
import { TextOf } from "../../design/text-of.tsx";
import { CloseReview } from "../../parts/close-review.tsx";
import { Signing } from "../../parts/signing.tsx";
import classes from "./deployment.module.css";

type Deployment = DocumentOf<"deployments">;

/** Who broke the glass for the deployment, what they passed, and how its review stands or is closed. */
export const GlassPanel = ({ deployment, isLive }: { readonly deployment: Deployment; readonly isLive: boolean }) => {
  const { id, glass, status } = deployment;
  const { principal } = useSession();
  if (glass === undefined) return null;
  const { by, reason, at, findings, freezes, signedBy, closed } = glass;
  return (
    <Panel
      title="Broken glass"
      hint={closed === undefined ? "its review is open" : "its review is closed"}
      actions={
        <Badge state={closed === undefined ? "review open" : "reviewed"} tone={closed === undefined ? "bad" : "ok"} />
      }
    >
      <p>
        <strong>
          <TextOf text={by} />
        </strong>
        , <Age at={at} />: <TextOf text={reason} lines />
      </p>
      <p className={classes.quiet}>
        signed with <Hash text={signedBy} name="key" />
      </p>
      {findings.length + freezes.length > 0 && (
        <ul className={classes.lines} aria-label="What was passed">
          {findings.map(({ reviewer, rule, message }) => (
            <li key={`${reviewer} ${rule} ${message}`}>
              past what <strong>{reviewer}</strong> found: <TextOf text={message} />
            </li>
          ))}
          {freezes.map(({ freeze, since }) => (
            <li key={freeze}>
              past the freeze of <TextOf text={scopeText(freeze)} />, set <Age at={since} />
            </li>
          ))}
        </ul>
      )}
      {closed !== undefined && (
        <p>
          Reviewed by <strong>{closed.by}</strong>, <Age at={closed.at} />: <TextOf text={closed.conclusion} lines />
        </p>
      )}
      {closed === undefined && isLive && by === principal && (
        <p className={classes.quiet}>Somebody else than you closes the review.</p>
      )}
      {closed === undefined && isLive && by !== principal && !isOver(status) && (
        <p className={classes.quiet}>You can close the review once the deployment is over.</p>
      )}
      {closed === undefined && isLive && by !== principal && isOver(status) && <CloseReview deployment={id} />}
    </Panel>
  );
};

/** Deploys past what is in the way, for the very revision that one sees; signed in this browser. */
export const BreakGlass = ({
  deployment: { id, graphDigest, flakeDigest, blocking, waiting },
}: {
  readonly deployment: Deployment;
}) => {
  const [isOpen, setOpen] = useState(false);
  const [reason, setReason] = useTyped(`glass/${id}`);
  const signing = useSigner();
  const { give, isPending, error, forget } = useCommand("deployment", "break-glass");
  const close = () => {
    setOpen(false);
    forget();
  };
  const send = async () => {
    const payload = { reason: reason.trim(), graphDigest, flakeDigest };
    if ((await give(id, payload, { signer: signing.signer })) === undefined) return;
    setReason("");
    close();
  };
  return (
    <>
      <Button kind="bad" onClick={() => setOpen(true)}>
        Break the glass
      </Button>
      <Dialog isOpen={isOpen} onClose={close} title={`Break the glass for ${id}?`}>
        <div className={classes.form}>
          <p>
            It is deployed past blocking findings, change windows and the freezes of now. The vote, required reviews and
            four eyes are not passed. Everybody sees it, and somebody else reviews it afterwards.
          </p>
          {blocking.length > 0 && (
            <ul className={classes.lines} aria-label="Blocking findings">
              {blocking.map(({ reviewer, rule, message }) => (
                <li key={`${reviewer} ${rule} ${message}`}>
                  <strong>{reviewer}</strong>: <TextOf text={message} />
                </li>
              ))}
            </ul>
          )}
          {waiting !== undefined && <p>It is approved, and waits. Once the glass is broken, it begins.</p>}
          <p className={classes.quiet}>
            For graph <Hash text={graphDigest} name="digest of the graph" /> and flake{" "}
            <Hash text={flakeDigest} name="digest of the flake" />
          </p>
          <Field label="Why it cannot wait" value={reason} onChange={setReason} lines={2} />
          {error !== undefined && <Failure error={error} />}
          <div className={classes.buttons}>
            <Button
              kind="bad"
              busy={isPending}
              disabled={reason.trim() === "" || !signing.isRegistered}
              onClick={() => void send()}
            >
              Sign and break the glass
            </Button>
            <Button onClick={close}>Leave it</Button>
          </div>
          <Signing signing={signing} />
        </div>
      </Dialog>
    </>
  );
};
