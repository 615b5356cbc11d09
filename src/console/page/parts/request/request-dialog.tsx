import { useState } from "react";
import { useLocation } from "wouter";
import { defined } from "../../../../domain/kernel/mod.ts";
import { api } from "../../data/client.ts";
import { useCommand } from "../../data/command.ts";
import { useSigner } from "../../data/signer.ts";
import { useForgetTyped, useTyped } from "../../data/typed.ts";
import { Button } from "../../design/button.tsx";
import { Dialog } from "../../design/dialog.tsx";
import { Failure } from "../../design/failure.tsx";
import { Check, Field, Select } from "../../design/field.tsx";
import { Offer } from "../offer.tsx";
import { Signing } from "../signing.tsx";
import { Details } from "./details.tsx";
import { emptyForm, faultsOf, newDeploymentId, type RequestForm, requestOf, targets } from "./request.ts";
import classes from "./request-dialog.module.css";

/** Requests a deployment of a graph, with everything that can be chosen of it. */
export const RequestDialog = ({
  graph,
  version,
  hosts,
  risks = 0,
  losses = [],
  given,
  errors = 0,
  save,
  onClose,
}: {
  readonly graph: string;
  readonly version: number;
  readonly hosts: ReadonlyArray<string>;
  /** The number of nodes whose data are at risk. */
  readonly risks?: number;
  /** The nodes whose data would be lost, if that is known. */
  readonly losses?: ReadonlyArray<string>;
  /** What the form begins with, if it is that of an earlier request. */
  readonly given?: Partial<RequestForm>;
  /** The number of errors in the graph. */
  readonly errors?: number;
  /** Saves what is not saved yet, and returns its version; undefined if that was refused. */
  readonly save?: (() => Promise<number | undefined>) | undefined;
  readonly onClose: () => void;
}) => {
  const [, go] = useLocation();
  const [reason, typeReason] = useTyped(`request/${graph}/reason`);
  const [breakGlass, typeBreakGlass] = useTyped(`request/${graph}/glass`);
  const forget = useForgetTyped(`request/${graph}`);
  const [form, setForm] = useState(() => ({
    ...emptyForm(newDeploymentId(graph, Date.now(), Math.random()), hosts),
    ...given,
    ...defined({ reason: reason || undefined, breakGlass: breakGlass || undefined }),
  }));
  const request = useCommand("deployment", "request");
  const [state, setState] = useState<{ readonly isPending: boolean; readonly error?: unknown }>({ isPending: false });
  const signing = useSigner();
  const breaksGlass = form.breakGlass.trim() !== "";
  const faults = faultsOf(form);
  const set = (change: Partial<RequestForm>) => {
    setForm((before) => ({ ...before, ...change }));
    if (change.reason !== undefined) typeReason(change.reason);
    if (change.breakGlass !== undefined) typeBreakGlass(change.breakGlass);
  };
  const toggleIn = (field: "hosts" | "acceptDataLoss" | "unpinned") => (id: string, on: boolean) =>
    setForm((before) => {
      const next = new Set(before[field]);
      if (on) next.add(id);
      else next.delete(id);
      return { ...before, [field]: next };
    });
  const toggle = toggleIn("hosts");
  const accept = toggleIn("acceptDataLoss");
  const leave = toggleIn("unpinned");
  /** Saves, reads what a broken glass would be for, and requests. */
  const send = async () => {
    const saved = save === undefined ? version : await save();
    if (saved === undefined) return onClose();
    const digests = breaksGlass ? (await api.query("deployments", "plan", { graph, version: saved })).data : undefined;
    const payload = requestOf(form, defined({ graph, version: saved, hosts, digests }));
    const signer = breaksGlass ? signing.signer : undefined;
    if ((await request.give(form.id, payload, { signer })) === undefined) return;
    forget();
    go(`/deployments/${form.id}`);
  };
  const submit = async () => {
    setState({ isPending: true });
    try {
      await send();
      setState({ isPending: false });
    } catch (error) {
      setState({ isPending: false, error });
    }
  };
  const isReady = Object.keys(faults).length === 0 && (!breaksGlass || signing.isRegistered);
  const error = request.error ?? state.error;
  return (
    <Dialog isOpen onClose={onClose} title={`Request the deployment of ${graph}, version ${version}`}>
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (isReady) void submit();
        }}
      >
        {risks > 0 && (
          <p className={classes.risk}>
            <span aria-hidden="true">✕ </span>
            {risks === 1 ? "The data of one node are" : `The data of ${risks} nodes are`} at risk.
          </p>
        )}
        {losses.length > 0 && (
          <fieldset className={classes.hosts}>
            <legend>Data that may be lost (otherwise reviewers block the deployment)</legend>
            {losses.map((node) => (
              <Check
                key={node}
                label={`Accept the loss of the data of ${node}`}
                checked={form.acceptDataLoss.has(node)}
                onChange={(on) => accept(node, on)}
              />
            ))}
          </fieldset>
        )}
        {errors > 0 && <p className={classes.risk}>The graph has errors: the installation will refuse it.</p>}
        <Field mono label="Name of the deployment" value={form.id} onChange={(id) => set({ id })} problem={faults.id} />
        <Select label="Target" value={form.target} choices={targets} onChange={(target) => set({ target })} />
        <Field
          label="Reason"
          hint="Reviewers and voters read it."
          lines={2}
          value={form.reason}
          onChange={(reason) => set({ reason })}
        />
        <Details form={form} of={{ graph, version }} hosts={hosts} set={set} onHost={toggle} onInput={leave} />
        {error !== undefined && <Failure error={error} />}
        <div className={classes.buttons}>
          <Offer command="deployment.request" how="make" what="Requesting a deployment">
            <Button
              kind={breaksGlass ? "bad" : "main"}
              type="submit"
              busy={request.isPending || state.isPending}
              disabled={!isReady}
            >
              {[save && "Save", breaksGlass && "Break the glass", "Request the deployment"]
                .filter((part) => typeof part === "string")
                .join(", then ")}
            </Button>
          </Offer>
        </div>
      </form>
      {breaksGlass && <Signing signing={signing} />}
    </Dialog>
  );
};
