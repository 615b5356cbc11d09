import type { ReactNode } from "react";
import { useLocation } from "wouter";
import type { DocumentOf } from "../../../../contract/views/mod.ts";
import { repairIdOf } from "../../../../domain/host/operation.ts";
import { useCommand } from "../../data/command.ts";
import { useKept } from "../../data/kept.ts";
import type { Grants } from "../../data/needs.ts";
import { useTyped } from "../../data/typed.ts";
import { Button } from "../../design/button.tsx";
import { Failure } from "../../design/failure.tsx";
import { Field } from "../../design/field.tsx";
import { To } from "../../design/to.tsx";
import { Offer } from "../../parts/offer.tsx";
import { newDeploymentId } from "../../parts/request/request.ts";
import classes from "./actions.module.css";

/** Buttons, and below them why the last command was refused. */
export const Actions = ({ error, children }: { readonly error?: unknown; readonly children: ReactNode }) => (
  <div className={classes.actions}>
    <div className={classes.buttons}>{children}</div>
    {error !== undefined && <Failure error={error} />}
  </div>
);

/** Takes the word, or leaves it where it is. */
export const WordActions = ({ dialog: { id, handOff } }: { readonly dialog: DocumentOf<"dialogs"> }) => {
  const accept = useCommand("dialog", "accept-hand-off");
  const decline = useCommand("dialog", "decline-hand-off");
  if (handOff === undefined) return null;
  const payload = { handOff: handOff.handOff };
  return (
    <Actions error={accept.error ?? decline.error}>
      <Button kind="main" busy={accept.isPending} onClick={() => void accept.give(id, payload)}>
        Take the word
      </Button>
      <Button busy={decline.isPending} onClick={() => void decline.give(id, payload)}>
        Decline
      </Button>
    </Actions>
  );
};

/** Answers a turn, or says that one has read it. What nobody awaits is put aside in this browser. */
export const TurnActions = ({
  dialog,
  turn,
  isAwaited,
  need,
}: {
  readonly dialog: string;
  readonly turn: number;
  readonly isAwaited: boolean;
  readonly need: string;
}) => {
  const [text, setText] = useTyped(`say/${dialog}`);
  const say = useCommand("dialog", "say");
  const acknowledge = useCommand("dialog", "acknowledge");
  const [, keep] = useKept("seen");
  const answer = async () => {
    if ((await say.give(dialog, { text, answers: turn })) !== undefined) setText("");
  };
  return (
    <Actions error={say.error ?? acknowledge.error}>
      <Field label="Your answer" labelUnseen value={text} onChange={setText} placeholder="Your answer …" />
      <Button kind="main" busy={say.isPending} disabled={text.trim() === ""} onClick={() => void answer()}>
        Say
      </Button>
      <Button
        busy={acknowledge.isPending}
        onClick={() => (isAwaited ? void acknowledge.give(dialog, { turn }) : keep(need))}
      >
        Need not answer
      </Button>
    </Actions>
  );
};

/** Calls a task off that nobody can take. */
export const TaskActions = ({ id }: { readonly id: string }) => {
  const cancel = useCommand("task", "cancel");
  return (
    <Actions error={cancel.error}>
      <Button kind="bad" busy={cancel.isPending} onClick={() => void cancel.give(id, {})}>
        Cancel the task
      </Button>
    </Actions>
  );
};

/** Puts the hosts of a deployment back as far as that is not done, or notes that one has seen the failure. */
export const FailureActions = ({
  deployment: { id, status, graph },
  need,
}: {
  readonly deployment: DocumentOf<"deployments">;
  readonly need: string;
}) => {
  const rollBack = useCommand("deployment", "roll-back");
  const [, keep] = useKept("seen");
  return (
    <Actions error={rollBack.error}>
      {status === "rollback-incomplete" && (
        <Offer command="deployment.roll-back" what="Rolling back again">
          <Button kind="back" busy={rollBack.isPending} onClick={() => void rollBack.give(id, {})}>
            <span aria-hidden="true">↩ </span>Roll back again
          </Button>
        </Offer>
      )}
      <To href={`/graphs/${graph}`}>Change the graph</To>
      <Button onClick={() => keep(need)} label={`I have seen what became of ${id}`}>
        Seen
      </Button>
    </Actions>
  );
};

type Host = DocumentOf<"hosts">;

/** The nodes of a host whose units have failed, each once. */
const failedNodes = ({ drifts, desired }: Host): ReadonlyArray<string> => [
  ...new Set(
    drifts.flatMap(({ unit }) =>
      unit === undefined
        ? []
        : (desired?.placement?.nodes ?? []).filter(({ units }) => units.includes(unit)).map(({ node }) => node),
    ),
  ),
];

/**
 * Proposes what repairs a drift: a restart of what has failed, or the deployment of what the host should run. If the host
 * opens a proposal by itself, that one is shown.
 */
export const DriftActions = ({ host }: { readonly host: Host }) => {
  const { id, drifts, desired, onDrift, target = "nixos" } = host;
  const [, go] = useLocation();
  const restart = useCommand("host", "propose-change");
  const request = useCommand("deployment", "request");
  const proposed = onDrift === "propose" ? drifts.filter(({ kind }) => kind !== "unreachable") : [];
  const nodes = proposed.length > 0 ? [] : failedNodes(host);
  const isOther = drifts.some(({ kind }) => kind === "closure" || kind === "boot");
  const placement = proposed.length === 0 && isOther ? desired?.placement : undefined;
  const again = async () => {
    if (placement === undefined) return;
    const { graph, graphVersion: version } = placement;
    const deployment = newDeploymentId(graph, Date.now(), Math.random());
    const reason = `${id} has drifted from what was deployed to it`;
    const payload = { graph, version, target, hosts: [id], insist: true, reason };
    if ((await request.give(deployment, payload)) !== undefined) go(`/deployments/${deployment}`);
  };
  return (
    <Actions error={restart.error ?? request.error}>
      {proposed.map(({ drift, kind, unit }) => (
        <To key={drift} href={`/decisions/${repairIdOf(id, drift)}`}>
          Proposal to repair {unit ?? kind}
        </To>
      ))}
      {nodes.length > 0 && (
        <Offer command="host.propose-change" what="Proposing a restart">
          {nodes.map((node) => (
            <Button
              key={node}
              kind="main"
              busy={restart.isPending}
              onClick={() => void restart.give(id, { action: "restart", node })}
            >
              Propose to restart {node}
            </Button>
          ))}
        </Offer>
      )}
      {placement !== undefined && (
        <Offer command="deployment.request" how="make" what={`Requesting version ${placement.graphVersion} again`}>
          <Button kind="main" busy={request.isPending} onClick={() => void again()}>
            Request version {placement.graphVersion} again
          </Button>
        </Offer>
      )}
      <To href={`/diff?left=hosts/${id}/desired&right=hosts/${id}/observed`}>What differs</To>
    </Actions>
  );
};

/** Gives an agent the roles and capabilities that it asks for. */
export const GrantActions = ({ agent, grants }: { readonly agent: string; readonly grants: Grants }) => {
  const grant = useCommand("principal", "grant");
  const { roles, capabilities } = grants;
  const payload = capabilities.length === 0 ? { roles } : grants;
  return (
    <Actions error={grant.error}>
      <Button kind="main" busy={grant.isPending} onClick={() => void grant.give(agent, payload)}>
        Grant {[...roles, ...capabilities].join(", ")}
      </Button>
    </Actions>
  );
};

/** Has a step tried again, or gives it up. */
export const ParkedActions = ({ id }: { readonly id: string }) => {
  const retry = useCommand("parked-step", "retry");
  const drop = useCommand("parked-step", "drop");
  return (
    <Actions error={retry.error ?? drop.error}>
      <Button kind="main" busy={retry.isPending} onClick={() => void retry.give(id, {})}>
        Try it again
      </Button>
      <Button kind="bad" busy={drop.isPending} onClick={() => void drop.give(id, { reason: "dropped in the console" })}>
        Drop it
      </Button>
    </Actions>
  );
};
