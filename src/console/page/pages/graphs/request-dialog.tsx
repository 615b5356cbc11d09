import { useState } from "react";
import { useLocation } from "wouter";
import { Target } from "../../../../domain/host/contract.ts";
import { defined } from "../../../../domain/kernel/mod.ts";
import { useCommand } from "../../data/command.ts";
import { Button } from "../../design/button.tsx";
import { Dialog } from "../../design/dialog.tsx";
import { Failure } from "../../design/failure.tsx";
import { Field, Select } from "../../design/field.tsx";
import classes from "./graph.module.css";

/** Asks for the graph to be reviewed, voted on and deployed. */
export const RequestDialog = ({
  graph,
  version,
  isDirty,
  errors,
  onSave,
  onClose,
}: {
  readonly graph: string;
  readonly version: number;
  readonly isDirty: boolean;
  readonly errors: number;
  /** Saves the graph; false if that was refused. */
  readonly onSave: () => Promise<boolean>;
  readonly onClose: () => void;
}) => {
  const [, go] = useLocation();
  const [id, setId] = useState(`${graph}-${version}`);
  const [target, setTarget] = useState<Target>("simulated");
  const [reason, setReason] = useState("");
  const request = useCommand("deployment", "request");
  const ask = async () => {
    if (isDirty && !(await onSave())) return onClose();
    const payload = defined({ graph, target, reason: reason.trim() === "" ? undefined : reason.trim() });
    if ((await request.give(id, payload)) !== undefined) go(`/deployments/${id}`);
  };
  return (
    <Dialog isOpen onClose={onClose} title={`Propose a deployment of ${graph}`}>
      <div className={classes.dialog}>
        <Field mono label="Name of the deployment" value={id} onChange={setId} />
        <Select label="Target" value={target} choices={Target.literals} onChange={setTarget} />
        <Field label="Reason" hint="Reviewers and voters read it." value={reason} onChange={setReason} lines={2} />
        {errors > 0 && <p className={classes.hint}>It has errors: the installation will refuse it.</p>}
        {request.error !== undefined && <Failure error={request.error} />}
        <div className={classes.actions}>
          <Button kind="main" busy={request.isPending} disabled={id.trim() === ""} onClick={() => void ask()}>
            {isDirty ? "Save and propose" : "Propose"}
          </Button>
        </div>
      </div>
    </Dialog>
  );
};
