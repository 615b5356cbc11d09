import { useState } from "react";
import { useLocation } from "wouter";
import { defined } from "../../../../domain/kernel/mod.ts";
import { api } from "../../data/client.ts";
import { useCommand } from "../../data/command.ts";
import { useSigner } from "../../data/signer.ts";
import { Button } from "../../design/button.tsx";
import { Dialog } from "../../design/dialog.tsx";
import { Failure } from "../../design/failure.tsx";
import { Check, Field, Select } from "../../design/field.tsx";
import { Signing } from "../signing.tsx";
import {
  activations,
  byPolicy,
  emptyForm,
  faultsOf,
  newDeploymentId,
  protocols,
  type RequestForm,
  requestOf,
  targets,
} from "./request.ts";
import classes from "./request-dialog.module.css";

/** Hosts that are listed one by one; of more, all are deployed to. */
const mostHosts = 60;

/** Requests a deployment of a graph, with everything that can be chosen of it. */
export const RequestDialog = ({
  graph,
  version,
  hosts,
  risks = 0,
  errors = 0,
  save,
  onClose,
}: {
  readonly graph: string;
  readonly version: number;
  readonly hosts: ReadonlyArray<string>;
  /** The number of nodes whose data are at risk. */
  readonly risks?: number;
  /** The number of errors in the graph. */
  readonly errors?: number;
  /** Saves what is not saved yet, and returns its version; undefined if that was refused. */
  readonly save?: (() => Promise<number | undefined>) | undefined;
  readonly onClose: () => void;
}) => {
  const [, go] = useLocation();
  const [form, setForm] = useState(() => emptyForm(newDeploymentId(graph, Date.now(), Math.random()), hosts));
  const request = useCommand("deployment", "request");
  const [state, setState] = useState<{ readonly isPending: boolean; readonly error?: unknown }>({ isPending: false });
  const signing = useSigner();
  const breaksGlass = form.breakGlass.trim() !== "";
  const faults = faultsOf(form);
  const set = (change: Partial<RequestForm>) => setForm((before) => ({ ...before, ...change }));
  const toggle = (host: string, on: boolean) =>
    setForm((before) => {
      const next = new Set(before.hosts);
      if (on) next.add(host);
      else next.delete(host);
      return { ...before, hosts: next };
    });
  const number = (
    field: "maxParallel" | "discussionSeconds" | "votingSeconds" | "monitorSeconds" | "timeoutSeconds",
  ) => ({
    value: form[field],
    onChange: (value: string) => set({ [field]: value }),
    problem: faults[field],
  });
  /** Saves, reads what a broken glass would be for, and requests. */
  const send = async () => {
    const saved = save === undefined ? version : await save();
    if (saved === undefined) return onClose();
    const digests = breaksGlass ? (await api.query("deployments", "plan", { graph, version: saved })).data : undefined;
    const payload = requestOf(form, defined({ graph, version: saved, hosts, digests }));
    const signer = breaksGlass ? signing.signer : undefined;
    if ((await request.give(form.id, payload, { signer })) !== undefined) go(`/deployments/${form.id}`);
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
        <details>
          <summary>How it is decided and done</summary>
          <div className={classes.form}>
            <Select
              label="Protocol of the vote"
              value={form.protocol}
              choices={protocols}
              onChange={(protocol) => set({ protocol })}
            />
            <Field
              label="Threshold"
              hint={`A fraction such as 2/3; nothing: ${byPolicy}`}
              value={form.threshold}
              onChange={(threshold) => set({ threshold })}
            />
            <Field label="Discussion, at most (seconds)" {...number("discussionSeconds")} />
            <Field label="Vote, at most (seconds)" {...number("votingSeconds")} />
            <Field label="Monitoring (seconds)" {...number("monitorSeconds")} />
            <Field label="All of it, at most (seconds)" {...number("timeoutSeconds")} />
            <Select
              label="What is made of the new system"
              value={form.activation}
              choices={activations}
              onChange={(activation) => set({ activation })}
            />
            <Field label="Hosts at the same time, at most" {...number("maxParallel")} />
            {hosts.length <= mostHosts && (
              <fieldset className={classes.hosts}>
                <legend>Hosts{faults.hosts === undefined ? "" : `: ${faults.hosts}`}</legend>
                {hosts.map((host) => (
                  <Check key={host} label={host} checked={form.hosts.has(host)} onChange={(on) => toggle(host, on)} />
                ))}
              </fieldset>
            )}
            <Check
              label="Also if this revision was rolled back before"
              checked={form.insist}
              onChange={(insist) => set({ insist })}
            />
            <Field
              label="Break the glass: why"
              hint="Passes blocking findings, change windows and freezes; not the vote. It is signed, and somebody else reviews it. Nothing: the glass stays whole."
              lines={2}
              value={form.breakGlass}
              onChange={(breakGlass) => set({ breakGlass })}
            />
          </div>
        </details>
        {error !== undefined && <Failure error={error} />}
        <div className={classes.buttons}>
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
        </div>
      </form>
      {breaksGlass && <Signing signing={signing} />}
    </Dialog>
  );
};
