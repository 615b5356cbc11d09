import { useState } from "react";
import { useSigner } from "../data/signer.ts";
import { Button } from "../design/button.tsx";
import { Dialog } from "../design/dialog.tsx";
import { Failure } from "../design/failure.tsx";
import { Field } from "../design/field.tsx";
import { Hash } from "../design/hash.tsx";
import classes from "./signing-key.module.css";

/** The key that ballots and vetoes are signed with: makes one in this browser, or takes over the seed of an nkey. */
export const SigningKey = ({ isOpen, onClose }: { readonly isOpen: boolean; readonly onClose: () => void }) => {
  const { signer, isRegistered, registeredKey, register } = useSigner();
  const [seed, setSeed] = useState("");
  const [state, setState] = useState<{ readonly isPending: boolean; readonly error?: unknown }>({ isPending: false });
  const make = (given?: string) => {
    setState({ isPending: true });
    register(given).then(
      () => {
        setSeed("");
        setState({ isPending: false });
      },
      (error: unknown) => setState({ isPending: false, error }),
    );
  };
  return (
    <Dialog isOpen={isOpen} onClose={onClose} title="Your signing key">
      <div className={classes.parts}>
        {isRegistered && signer !== undefined ? (
          <p>
            This browser signs your ballots with <Hash text={signer.publicKey} name="key" />. The server cannot vote for
            you.
          </p>
        ) : (
          <p>
            {registeredKey === undefined
              ? "You have no key yet. One that is made here never leaves this browser."
              : "Another key is registered for you. Take over its seed, or have it changed by an admin."}
          </p>
        )}
        {state.error !== undefined && <Failure error={state.error} />}
        {registeredKey === undefined && (
          <Button kind="main" busy={state.isPending} onClick={() => make()}>
            Make a key in this browser
          </Button>
        )}
        <Field label="Seed of an nkey (SU…)" value={seed} onChange={setSeed} type="password" mono />
        <Button busy={state.isPending} disabled={seed.trim() === ""} onClick={() => make(seed)}>
          Take over this seed
        </Button>
      </div>
    </Dialog>
  );
};
