import { useState } from "react";
import { visible } from "../../../../domain/kernel/visible.ts";
import { useQuery } from "../../data/query.ts";
import { Check, Field, Select } from "../../design/field.tsx";
import { activations, byPolicy, faultsOf, type NumberField, protocols, type RequestForm } from "./request.ts";
import classes from "./request-dialog.module.css";

/** Hosts that are listed one by one; of more, all are deployed to. */
const mostHosts = 60;

/** What most requests leave as it is: how it is voted on, how long it takes, to which hosts, and what it may take away. */
export const Details = ({
  form,
  of,
  hosts,
  set,
  onHost,
  onInput,
}: {
  readonly form: RequestForm;
  readonly of: { readonly graph: string; readonly version: number };
  readonly hosts: ReadonlyArray<string>;
  readonly set: (change: Partial<RequestForm>) => void;
  readonly onHost: (host: string, on: boolean) => void;
  readonly onInput: (input: string, on: boolean) => void;
}) => {
  const faults = faultsOf(form);
  // It is open at first if something in it is filled in already; then whoever reads it decides.
  const [begins] = useState(form.acceptRemovals !== "");
  const number = (field: NumberField) => ({
    value: form[field],
    onChange: (value: string) => set({ [field]: value }),
    problem: faults[field],
  });
  return (
    <details open={begins}>
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
              <Check key={host} label={host} checked={form.hosts.has(host)} onChange={(on) => onHost(host, on)} />
            ))}
          </fieldset>
        )}
        {form.target === "nixos" && <OpenInputs {...of} left={form.unpinned} onInput={onInput} />}
        <div>
          <Check
            label="Reboot the hosts that need it, wave by wave"
            checked={form.reboot}
            onChange={(reboot) => set({ reboot })}
          />
          {faults.reboot !== undefined && <p className={classes.risk}>✕ {faults.reboot}</p>}
        </div>
        <Check
          label="Also if this revision was rolled back before"
          checked={form.insist}
          onChange={(insist) => set({ insist })}
        />
        <Field
          mono
          label="What hosts may lose that no graph describes"
          hint="Such as web-1:mount:/data. A deployment that would take something away fails before it, and lists the names."
          lines={2}
          value={form.acceptRemovals}
          onChange={(acceptRemovals) => set({ acceptRemovals })}
          problem={faults.acceptRemovals}
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
  );
};

/** The inputs that nobody has pinned: a deployer pins them before the review, but for those that may stay open. */
const OpenInputs = ({
  graph,
  version,
  left,
  onInput,
}: {
  readonly graph: string;
  readonly version: number;
  readonly left: ReadonlySet<string>;
  readonly onInput: (input: string, on: boolean) => void;
}) => {
  const { data } = useQuery("graphs", "inputs", { id: graph, version }, { now: true });
  const open = (data?.inputs ?? []).filter(({ pinnedBy }) => pinnedBy === undefined);
  if (open.length === 0) return null;
  return (
    <fieldset className={classes.hosts}>
      <legend>Inputs that are not pinned. A deployer pins them before the review, unless they may stay so:</legend>
      {open.map(({ name, reference }) => (
        <Check
          key={name}
          label={`Leave ${name} unpinned (${visible(reference)})`}
          checked={left.has(name)}
          onChange={(on) => onInput(name, on)}
        />
      ))}
    </fieldset>
  );
};
