import { useState } from "react";
import type { SignerHook } from "../data/signer.ts";
import { Button } from "../design/button.tsx";
import { Failure } from "../design/failure.tsx";
import { Field } from "../design/field.tsx";
import { Hash } from "../design/hash.tsx";
import classes from "./ballot.module.css";

/** With what the person signs here; if there is no key of theirs in this browser, how one comes into it. */
export const Signing = ({ signing }: { readonly signing: SignerHook }) => {
  const { signer, isRegistered, registeredKey, register } = signing;
  const [seed, setSeed] = useState("");
  const [state, setState] = useState<{ readonly isPending: boolean; readonly error?: unknown }>({ isPending: false });
  if (isRegistered && signer !== undefined)
    return (
      <p className={`${classes.quiet} ${classes.signing}`}>
        Signed in this browser with key <Hash text={signer.publicKey} name="key" />. The server cannot vote for you.
      </p>
    );
  const take = async (given?: string) => {
    setState({ isPending: true });
    try {
      await register(given);
      setSeed("");
      setState({ isPending: false });
    } catch (error) {
      setState({ isPending: false, error });
    }
  };
  return (
    <div className={`${classes.form} ${classes.signing}`}>
      {registeredKey === undefined ? (
        <>
          <p className={classes.quiet}>
            You have no key yet. This browser can make one: it stays here, and nobody can read it. Ballots are signed
            with it.
          </p>
          <div>
            <Button busy={state.isPending} onClick={() => void take()}>
              Make my key here
            </Button>
          </div>
        </>
      ) : (
        <p className={classes.quiet}>
          Your key is <Hash text={registeredKey} name="key" />, and it is not in this browser. Take it here by its seed.
        </p>
      )}
      <Field
        label="Seed of your key"
        type="password"
        mono
        value={seed}
        onChange={setSeed}
        placeholder="SU…"
        hint="As cim keys wrote it. It is kept in this browser only, and cannot be read from it again."
      />
      <div>
        <Button busy={state.isPending} disabled={seed.trim() === ""} onClick={() => void take(seed)}>
          Take this key
        </Button>
      </div>
      {state.error !== undefined && <Failure error={state.error} />}
    </div>
  );
};
