import type { DocumentOf } from "../../../../contract/views/mod.ts";
import type { Choice } from "../../../../domain/consensus/ballot.ts";
import { defined } from "../../../../domain/kernel/mod.ts";
import { useCommand } from "../../data/command.ts";
import { useSigner } from "../../data/signer.ts";
import { useTyped } from "../../data/typed.ts";
import { Button } from "../../design/button.tsx";
import { Field } from "../../design/field.tsx";
import { Actions } from "./actions.tsx";

const choices: ReadonlyArray<readonly [Choice, string]> = [
  ["approve", "Approve"],
  ["reject", "Reject"],
  ["abstain", "Abstain"],
];

/** Casts a ballot, signed if this browser has the person's key. Whoever wants to see more opens the decision. */
export const VoteActions = ({ proposal: { id, round } }: { readonly proposal: DocumentOf<"proposals"> }) => {
  const [reason, setReason] = useTyped(`ballot/${id}`);
  const vote = useCommand("proposal", "vote");
  const { signer, isRegistered } = useSigner();
  const cast = async (choice: Choice) => {
    // The ballot is for the round that one has seen.
    const accepted = await vote.give(
      id,
      defined({ choice, round, reason: reason.trim() === "" ? undefined : reason }),
      defined({ signer: isRegistered ? signer : undefined }),
    );
    if (accepted !== undefined) setReason("");
  };
  return (
    <Actions error={vote.error}>
      <Field label="Reason" labelUnseen value={reason} onChange={setReason} placeholder="Reason …" />
      {choices.map(([choice, name]) => (
        <Button key={choice} busy={vote.isPending} onClick={() => void cast(choice)}>
          {name}
        </Button>
      ))}
    </Actions>
  );
};
