import { useState } from "react";
import type { DocumentOf } from "../../../../contract/views/mod.ts";
import { allowedFrom } from "../../../../domain/deployment/lifecycle.ts";
import { defined } from "../../../../domain/kernel/mod.ts";
import { useCommand } from "../../data/command.ts";
import { useExceptions } from "../../data/exceptions.tsx";
import { useRoles } from "../../data/roles.ts";
import { Button } from "../../design/button.tsx";
import { Dialog } from "../../design/dialog.tsx";
import { Failure } from "../../design/failure.tsx";
import { Field } from "../../design/field.tsx";
import classes from "./deployment.module.css";
import { BreakGlass } from "./glass.tsx";

type Deployment = DocumentOf<"deployments">;

const acts = {
  cancel: {
    name: "Cancel",
    kind: "bad",
    says: "Calls the deployment off. Hosts that were touched go back to what they ran before.",
  },
  "roll-back": {
    name: "Roll back",
    kind: "back",
    says: "Every host that was touched goes back to exactly what it ran before, the one touched last first.",
  },
} as const;
type Act = keyof typeof acts;

const ActButton = ({ id, act }: { readonly id: string; readonly act: Act }) => {
  const [isOpen, setOpen] = useState(false);
  const [reason, setReason] = useState("");
  const { give, isPending, error, forget } = useCommand("deployment", act);
  const { name, kind, says } = acts[act];
  const close = () => {
    setOpen(false);
    forget();
  };
  const send = async () => {
    if ((await give(id, defined({ reason: reason.trim() === "" ? undefined : reason }))) !== undefined) close();
  };
  return (
    <>
      <Button kind={kind} onClick={() => setOpen(true)}>
        {act === "roll-back" && <span aria-hidden="true">↩ </span>}
        {name}
      </Button>
      <Dialog isOpen={isOpen} onClose={close} title={`${name} ${id}?`}>
        <div className={classes.form}>
          <p>{says}</p>
          <Field label="Why" value={reason} onChange={setReason} />
          {error !== undefined && <Failure error={error} />}
          <div className={classes.buttons}>
            <Button kind={kind} busy={isPending} onClick={() => void send()}>
              {act === "cancel" ? "Cancel it now" : "Put the hosts back now"}
            </Button>
            <Button onClick={close}>Leave it</Button>
          </div>
        </div>
      </Dialog>
    </>
  );
};

/** What one may do with the deployment in the state that it is in. */
export const Acts = ({ deployment }: { readonly deployment: Deployment }) => {
  const { id, status, blocking, waiting } = deployment;
  const roles = useRoles();
  const { freezes } = useExceptions();
  const may = (act: keyof typeof allowedFrom) => allowedFrom[act].some((state) => state === status);
  const isHeld = blocking.length > 0 || waiting !== undefined || freezes.length > 0;
  const mayBreak = isHeld && may("break-glass") && (roles.includes("operator") || roles.includes("admin"));
  if (!roles.includes("operator")) return mayBreak && <BreakGlass deployment={deployment} />;
  return (
    <>
      {mayBreak && <BreakGlass deployment={deployment} />}
      {may("cancel") && <ActButton id={id} act="cancel" />}
      {may("roll-back") && <ActButton id={id} act="roll-back" />}
    </>
  );
};
