import { useState } from "react";
import type { DocumentOf } from "../../../../contract/views/mod.ts";
import { changeIdOf } from "../../../../domain/host/operation.ts";
import { defined } from "../../../../domain/kernel/mod.ts";
import { useCommand } from "../../data/command.ts";
import { useDocuments } from "../../data/documents.tsx";
import { Button } from "../../design/button.tsx";
import { Failure } from "../../design/failure.tsx";
import { Check, Field, Select } from "../../design/field.tsx";
import { To } from "../../design/to.tsx";
import classes from "./fleet.module.css";

type Host = DocumentOf<"hosts">;

const actions = ["restart", "start", "stop", "scale"] as const;

/** Proposes an operation on a node of a host: it opens a vote, and is done if that approves it. */
export const ProposeOperation = ({ host }: { readonly host: Host }) => {
  const nodes = host.desired?.placement?.nodes.map(({ node }) => node) ?? [];
  const [action, setAction] = useState<(typeof actions)[number]>("restart");
  const [node, setNode] = useState(nodes[0] ?? "");
  const [reason, setReason] = useState("");
  const [chosen, setChosen] = useState<ReadonlyArray<string>>([host.id]);
  const [proposed, setProposed] = useState<string>();
  const propose = useCommand("host", "propose-change");
  const others = [...useDocuments("hosts").documents.keys()].toSorted();
  const give = async () => {
    const hosts = action === "scale" ? chosen : undefined;
    const serial = host.serial + 1;
    const text = reason.trim() === "" ? undefined : reason.trim();
    const accepted = await propose.give(host.id, { action, node, ...defined({ hosts, reason: text }) });
    if (accepted === undefined) return;
    setReason("");
    setProposed(changeIdOf(host.id, serial));
  };
  if (nodes.length === 0) return <p className={classes.quiet}>Nothing that could be operated runs here.</p>;
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        void give();
      }}
    >
      <Select label="what" value={action} choices={actions} onChange={setAction} />
      <Select label="node" value={node} choices={nodes} onChange={setNode} />
      {action === "scale" && (
        <fieldset>
          <legend>it shall run on</legend>
          {others.map((id) => (
            <Check
              key={id}
              label={id}
              checked={chosen.includes(id)}
              onChange={(on) => setChosen(on ? [...chosen, id] : chosen.filter((one) => one !== id))}
            />
          ))}
        </fieldset>
      )}
      <Field label="reason" value={reason} onChange={setReason} lines={2} />
      {propose.error !== undefined && <Failure error={propose.error} />}
      <div className={classes.buttons}>
        <Button type="submit" kind="main" busy={propose.isPending} disabled={action === "scale" && chosen.length === 0}>
          Propose
        </Button>
        {proposed !== undefined && <To href={`/decisions/${proposed}`}>See the proposal</To>}
      </div>
      <p className={classes.quiet}>Voters decide on it as on a deployment. Nothing is done before.</p>
    </form>
  );
};

/** What a drift of the host leads to, and a switch for it. */
export const DriftPolicy = ({
  host: { id, onDrift },
  isReadOnly,
}: {
  readonly host: Host;
  readonly isReadOnly: boolean;
}) => {
  const set = useCommand("host", "set-policy");
  return (
    <>
      <Check
        label="A drift opens a proposal to repair it"
        checked={onDrift === "propose"}
        disabled={isReadOnly || set.isPending}
        onChange={(on) => void set.give(id, { onDrift: on ? "propose" : "report" })}
      />
      {set.error !== undefined && <Failure error={set.error} />}
    </>
  );
};
