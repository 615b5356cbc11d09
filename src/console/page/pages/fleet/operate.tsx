import { useState } from "react";
import type { DocumentOf } from "../../../../contract/views/mod.ts";
import { changeIdOf } from "../../../../domain/host/operation.ts";
import { defined } from "../../../../domain/kernel/mod.ts";
import { useCommand } from "../../data/command.ts";
import { useDocument, useDocuments } from "../../data/documents.tsx";
import { useSession } from "../../data/session.tsx";
import { useRoles } from "../../data/standing.tsx";
import { useTyped } from "../../data/typed.ts";
import { Button } from "../../design/button.tsx";
import { Failure } from "../../design/failure.tsx";
import { Check, Field, Select } from "../../design/field.tsx";
import { To } from "../../design/to.tsx";
import { Offer } from "../../parts/offer.tsx";
import { ReasonButton } from "../../parts/reason-button.tsx";
import classes from "./fleet.module.css";

type Host = DocumentOf<"hosts">;

const actions = ["restart", "start", "stop", "scale"] as const;

/**
 * An operation on a node of a host. Proposed, it opens a vote, and is done if that approves it. It is done at once for
 * those whom a `manages` edge of the deployed graph lets do it.
 */
export const Operation = ({ host }: { readonly host: Host }) => {
  const nodes = host.desired?.placement?.nodes.map(({ node }) => node) ?? [];
  const [action, setAction] = useState<(typeof actions)[number]>("restart");
  const [node, setNode] = useState(nodes[0] ?? "");
  const [reason, setReason] = useTyped(`operate/${host.id}`);
  const [chosen, setChosen] = useState<ReadonlyArray<string>>([host.id]);
  const [proposed, setProposed] = useState<string>();
  const [mayLose, setMayLose] = useState(false);
  const propose = useCommand("host", "propose-change");
  const operate = useCommand("host", "operate");
  const others = [...useDocuments("hosts").documents.keys()].toSorted();
  const isScaled = action === "scale";
  const isReady = !isScaled || chosen.length > 0;
  const give = async (by: typeof propose | typeof operate) => {
    const serial = host.serial + 1;
    const more = defined({
      hosts: isScaled ? chosen : undefined,
      acceptDataLoss: isScaled && mayLose ? [node] : undefined,
      reason: reason.trim() === "" ? undefined : reason.trim(),
    });
    const other = by === propose ? operate : propose;
    other.forget();
    if ((await by.give(host.id, { action, node, ...more })) === undefined) return;
    setReason("");
    setProposed(by === propose ? changeIdOf(host.id, serial) : undefined);
  };
  const error = propose.error ?? operate.error;
  if (nodes.length === 0) return <p className={classes.quiet}>Nothing that could be operated runs here.</p>;
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        void give(propose);
      }}
    >
      <Select label="what" value={action} choices={actions} onChange={setAction} />
      <Select label="node" value={node} choices={nodes} onChange={setNode} />
      {isScaled && (
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
          <Check label={`the data of ${node} may be lost`} checked={mayLose} onChange={setMayLose} />
        </fieldset>
      )}
      <Field label="reason" value={reason} onChange={setReason} lines={2} />
      {error !== undefined && <Failure error={error} />}
      <div className={classes.buttons}>
        <Offer command="host.propose-change" what="Proposing a change">
          <Button type="submit" kind="main" busy={propose.isPending} disabled={!isReady}>
            Propose
          </Button>
        </Offer>
        <Offer command="host.operate" what="Doing it at once">
          <Button busy={operate.isPending} disabled={!isReady} onClick={() => void give(operate)}>
            Do it now
          </Button>
        </Offer>
        {proposed !== undefined && <To href={`/decisions/${proposed}`}>See the proposal</To>}
      </div>
      <p className={classes.quiet}>
        Voters decide on what is proposed as on a deployment. Without them it is done if the deployed graph has an edge{" "}
        <code>manages</code> from you.
      </p>
    </form>
  );
};

/** Takes the host from the graph that has it: for the owner of the graph, and admins. */
export const Release = ({ id, graph }: { readonly id: string; readonly graph: string }) => {
  const command = useCommand("host", "release");
  const isAdmin = useRoles().includes("admin");
  const { principal: me } = useSession();
  const known = useDocument("graphs", graph);
  if (!isAdmin && !(known.state === "there" && known.document.owner === me)) return null;
  return (
    <ReasonButton
      kind="bad"
      title={`Release ${id} from ${graph}?`}
      says={`Another graph can be deployed to ${id} afterwards. Nothing changes on the host.`}
      action="Release it"
      isNeeded
      command={command}
      give={(_, reason) => command.give(id, { reason })}
    >
      Release
    </ReasonButton>
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
