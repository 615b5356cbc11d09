import { useState } from "react";
import { roles as allRoles, defined, type Role } from "../../../../domain/kernel/mod.ts";
import { PrincipalKind } from "../../../../domain/principal/contract.ts";
import { useCommand } from "../../data/command.ts";
import { useForgetTyped, useTyped } from "../../data/typed.ts";
import { Button } from "../../design/button.tsx";
import { Dialog } from "../../design/dialog.tsx";
import { Failure } from "../../design/failure.tsx";
import { Check, Field, Select } from "../../design/field.tsx";
import classes from "./rules.module.css";

/** Roles to choose from. */
export const RoleChoice = ({
  label,
  chosen,
  onChange,
}: {
  readonly label: string;
  readonly chosen: ReadonlyArray<Role>;
  readonly onChange: (roles: ReadonlyArray<Role>) => void;
}) => (
  <fieldset className={classes.roles}>
    <legend>{label}</legend>
    {allRoles.map((role) => (
      <Check
        key={role}
        label={role}
        checked={chosen.includes(role)}
        onChange={(on) => onChange(on ? [...chosen, role] : chosen.filter((one) => one !== role))}
      />
    ))}
  </fieldset>
);

/** Admits a person, an agent or a service with exactly these roles. */
export const Admit = ({ onClose }: { readonly onClose: () => void }) => {
  const [id, setId] = useTyped("admit/id");
  const [kind, setKind] = useState<PrincipalKind>("person");
  const [owner, setOwner] = useTyped("admit/owner");
  const [publicKey, setPublicKey] = useTyped("admit/key");
  const forget = useForgetTyped("admit");
  const [roles, setRoles] = useState<ReadonlyArray<Role>>(["viewer", "participant"]);
  const admit = useCommand("principal", "admit");
  const textOf = (text: string) => (text.trim() === "" ? undefined : text.trim());
  const give = async () => {
    const payload = { kind, roles, ...defined({ owner: textOf(owner), publicKey: textOf(publicKey) }) };
    if ((await admit.give(id.trim(), payload)) === undefined) return;
    forget();
    onClose();
  };
  return (
    <Dialog isOpen onClose={onClose} title="Admit somebody">
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (id.trim() !== "") void give();
        }}
      >
        <Field mono label="Name" value={id} onChange={setId} hint="As it connects to NATS." />
        <Select label="What it is" value={kind} choices={PrincipalKind.literals} onChange={setKind} />
        {kind !== "person" && (
          <Field mono label="Who answers for it" value={owner} onChange={setOwner} hint="Nothing: you." />
        )}
        <Field
          mono
          label="Public key (U…)"
          value={publicKey}
          onChange={setPublicKey}
          hint="Nothing: its first key registers itself."
        />
        <RoleChoice label="Roles" chosen={roles} onChange={setRoles} />
        {admit.error !== undefined && <Failure error={admit.error} />}
        <div className={classes.buttons}>
          <Button kind="main" type="submit" busy={admit.isPending} disabled={id.trim() === ""}>
            Admit
          </Button>
        </div>
      </form>
    </Dialog>
  );
};
