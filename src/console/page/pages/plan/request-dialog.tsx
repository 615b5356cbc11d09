import { useState } from "react";
import { useLocation } from "wouter";
import { useCommand } from "../../data/command.ts";
import { Button } from "../../design/button.tsx";
import { Dialog } from "../../design/dialog.tsx";
import { Failure } from "../../design/failure.tsx";
import { Check, Field, Select } from "../../design/field.tsx";
import classes from "./plan.module.css";
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

/** Hosts that are listed one by one; of more, all are deployed to. */
const mostHosts = 60;

/** Requests the deployment that a plan shows, with everything that can be chosen of it. */
export const RequestDialog = ({
  graph,
  version,
  hosts,
  risks,
  losses,
  onClose,
}: {
  readonly graph: string;
  readonly version: number;
  readonly hosts: ReadonlyArray<string>;
  /** The number of nodes whose data are at risk. */
  readonly risks: number;
  /** The nodes whose data would be lost. */
  readonly losses: ReadonlyArray<string>;
  readonly onClose: () => void;
}) => {
  const [, go] = useLocation();
  const [form, setForm] = useState(() => emptyForm(newDeploymentId(graph, Date.now(), Math.random()), hosts));
  const request = useCommand("deployment", "request");
  const faults = faultsOf(form);
  const set = (change: Partial<RequestForm>) => setForm((before) => ({ ...before, ...change }));
  const toggleIn = (field: "hosts" | "acceptDataLoss") => (id: string, on: boolean) =>
    setForm((before) => {
      const next = new Set(before[field]);
      if (on) next.add(id);
      else next.delete(id);
      return { ...before, [field]: next };
    });
  const toggle = toggleIn("hosts");
  const accept = toggleIn("acceptDataLoss");
  const number = (
    field: "maxParallel" | "discussionSeconds" | "votingSeconds" | "monitorSeconds" | "timeoutSeconds",
  ) => ({
    value: form[field],
    onChange: (value: string) => set({ [field]: value }),
    problem: faults[field],
  });
  const send = async () => {
    const accepted = await request.give(form.id, requestOf(form, { graph, version, hosts }));
    if (accepted !== undefined) go(`/deployments/${form.id}`);
  };
  return (
    <Dialog isOpen onClose={onClose} title={`Request the deployment of ${graph}, version ${version}`}>
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (Object.keys(faults).length === 0) void send();
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
          </div>
        </details>
        {request.error !== undefined && <Failure error={request.error} />}
        <div className={classes.buttons}>
          <Button kind="main" type="submit" busy={request.isPending} disabled={Object.keys(faults).length > 0}>
            Request the deployment
          </Button>
        </div>
      </form>
    </Dialog>
  );
};
