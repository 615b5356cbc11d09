import { useCommand } from "../data/command.ts";
import { useTyped } from "../data/typed.ts";
import { Button } from "../design/button.tsx";
import { Failure } from "../design/failure.tsx";
import { Field } from "../design/field.tsx";
import classes from "./parts.module.css";

/** Closes the review of a broken glass. Somebody else than who broke it does, once the deployment is over. */
export const CloseReview = ({ deployment }: { readonly deployment: string }) => {
  const [conclusion, setConclusion] = useTyped(`review/${deployment}`);
  const close = useCommand("deployment", "close-review");
  const send = async () => {
    if ((await close.give(deployment, { conclusion: conclusion.trim() })) !== undefined) setConclusion("");
  };
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (conclusion.trim() !== "") void send();
      }}
    >
      <Field
        label={`What came of the review of ${deployment}`}
        value={conclusion}
        onChange={setConclusion}
        lines={2}
        hint="It is in the log for good. The deployment must be over."
      />
      {close.error !== undefined && <Failure error={close.error} />}
      <div>
        <Button kind="main" type="submit" busy={close.isPending} disabled={conclusion.trim() === ""}>
          Close the review
        </Button>
      </div>
    </form>
  );
};
