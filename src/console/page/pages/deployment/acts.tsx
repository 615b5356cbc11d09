import type { DocumentOf } from "../../../../contract/views/mod.ts";
import { allowedFrom } from "../../../../domain/deployment/lifecycle.ts";
import { useCommand } from "../../data/command.ts";
import { useExceptions } from "../../data/exceptions.tsx";
import { useRoles } from "../../data/standing.tsx";
import { Offer } from "../../parts/offer.tsx";
import { ReasonButton } from "../../parts/reason-button.tsx";
import { BreakGlass } from "./glass.tsx";

type Deployment = DocumentOf<"deployments">;

const acts = {
  cancel: {
    name: "Cancel",
    kind: "bad",
    says: "Calls the deployment off. Hosts that were touched go back to what they ran before.",
    action: "Cancel it now",
  },
  "roll-back": {
    name: "Roll back",
    kind: "back",
    says: "Every host that was touched goes back to exactly what it ran before, the one touched last first.",
    action: "Put the hosts back now",
  },
} as const;
type Act = keyof typeof acts;

const ActButton = ({ id, act }: { readonly id: string; readonly act: Act }) => {
  const command = useCommand("deployment", act);
  const { name, kind, says, action } = acts[act];
  return (
    <ReasonButton
      kind={kind}
      title={`${name} ${id}?`}
      says={says}
      action={action}
      command={command}
      give={(given) => command.give(id, given)}
    >
      {act === "roll-back" && <span aria-hidden="true">↩ </span>}
      {name}
    </ReasonButton>
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
  return (
    <>
      {mayBreak && <BreakGlass deployment={deployment} />}
      {may("cancel") && (
        <Offer command="deployment.cancel" what="Cancelling">
          <ActButton id={id} act="cancel" />
        </Offer>
      )}
      {may("roll-back") && (
        <Offer command="deployment.roll-back" what="Rolling back">
          <ActButton id={id} act="roll-back" />
        </Offer>
      )}
    </>
  );
};
