import { useState } from "react";
import type { DocumentOf } from "../../../../contract/views/mod.ts";
import { defined, type Role } from "../../../../domain/kernel/mod.ts";
import { useCommand } from "../../data/command.ts";
import { useSigner } from "../../data/signer.ts";
import { useTyped } from "../../data/typed.ts";
import { Button } from "../../design/button.tsx";
import { Dialog } from "../../design/dialog.tsx";
import { Failure } from "../../design/failure.tsx";
import { Field } from "../../design/field.tsx";
import { Hash } from "../../design/hash.tsx";
import { RoleChoice } from "./admit.tsx";
import classes from "./rules.module.css";

type Principal = DocumentOf<"principals">;

/** What an admin may change: roles, and whether it may do anything at all. */
const OfAdmins = ({ principal, reason }: { readonly principal: Principal; readonly reason: string }) => {
  const { id, roles: before, suspended } = principal;
  const [roles, setRoles] = useState<ReadonlyArray<Role>>(before);
  const grant = useCommand("principal", "grant");
  const revoke = useCommand("principal", "revoke");
  const suspend = useCommand("principal", "suspend");
  const reinstate = useCommand("principal", "reinstate");
  const added = roles.filter((role) => !before.includes(role));
  const taken = before.filter((role) => !roles.includes(role));
  const optional = defined({ reason: reason === "" ? undefined : reason });
  const change = async () => {
    if (added.length > 0) await grant.give(id, { roles: added, ...optional });
    if (taken.length > 0) await revoke.give(id, { roles: taken, reason });
  };
  const error = grant.error ?? revoke.error ?? suspend.error ?? reinstate.error;
  return (
    <>
      <RoleChoice label="Roles" chosen={roles} onChange={setRoles} />
      {error !== undefined && <Failure error={error} />}
      <div className={classes.buttons}>
        <Button
          kind="main"
          busy={grant.isPending || revoke.isPending}
          disabled={added.length + taken.length === 0 || (taken.length > 0 && reason === "")}
          onClick={() => void change()}
        >
          Change the roles
        </Button>
        {suspended === undefined ? (
          <Button
            kind="bad"
            busy={suspend.isPending}
            disabled={reason === ""}
            onClick={() => void suspend.give(id, { reason })}
          >
            Suspend at once
          </Button>
        ) : (
          <Button busy={reinstate.isPending} onClick={() => void reinstate.give(id, optional)}>
            Reinstate
          </Button>
        )}
      </div>
      <p className={classes.quiet}>
        To take a role or to suspend, say why. A suspension strikes its ballots in open votes, and its tasks go to
        others.
      </p>
    </>
  );
};

/** Gives it another key, or takes its key out of use. */
const Keys = ({ principal, reason }: { readonly principal: Principal; readonly reason: string }) => {
  const { id, publicKey } = principal;
  const [next, setNext] = useState("");
  const [since, setSince] = useState("");
  const rotate = useCommand("principal", "rotate-key");
  const revoke = useCommand("principal", "revoke-key");
  const { signer } = useSigner();
  const optional = defined({ reason: reason === "" ? undefined : reason });
  const moment = since === "" ? undefined : new Date(since).toISOString();
  const error = rotate.error ?? revoke.error;
  return (
    <>
      <Field mono label="Another public key (U…)" value={next} onChange={setNext} />
      <div className={classes.buttons}>
        <Button
          busy={rotate.isPending}
          disabled={next.trim() === ""}
          onClick={() => void rotate.give(id, { publicKey: next.trim(), ...optional }, { signer })}
        >
          Rotate the key
        </Button>
      </div>
      {publicKey !== undefined && (
        <>
          <p>
            Signs with <Hash text={publicKey} name="key" />
          </p>
          <Field
            type="datetime-local"
            label="What it signed after this does not count"
            hint="Nothing: what it signs from now on."
            value={since}
            onChange={setSince}
          />
          <div className={classes.buttons}>
            <Button
              kind="bad"
              busy={revoke.isPending}
              disabled={reason === ""}
              onClick={() => void revoke.give(id, { publicKey, reason, ...defined({ since: moment }) }, { signer })}
            >
              Revoke the key
            </Button>
          </div>
        </>
      )}
      {error !== undefined && <Failure error={error} />}
    </>
  );
};

/** Changes what a principal may do, and with what it signs. */
export const Authority = ({
  principal,
  isAdmin,
  onClose,
}: {
  readonly principal: Principal;
  readonly isAdmin: boolean;
  readonly onClose: () => void;
}) => {
  const [reason, setReason] = useTyped(`authority/${principal.id}`);
  const why = reason.trim();
  const close = () => {
    setReason("");
    onClose();
  };
  return (
    <Dialog isOpen onClose={close} title={`What ${principal.id} may do`}>
      <div className={classes.form}>
        <Field label="Why" value={reason} onChange={setReason} />
        {/* Another state of the roles begins the form again. */}
        {isAdmin && <OfAdmins key={principal.roles.join()} principal={principal} reason={why} />}
        <Keys key={principal.publicKey} principal={principal} reason={why} />
      </div>
    </Dialog>
  );
};
