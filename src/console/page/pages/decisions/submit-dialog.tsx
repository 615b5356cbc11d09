import { useState } from "react";
import { useLocation } from "wouter";
import { Protocol } from "../../../../domain/consensus/protocols.ts";
import { defined } from "../../../../domain/kernel/mod.ts";
import { useCommand } from "../../data/command.ts";
import { useForgetTyped, useTyped } from "../../data/typed.ts";
import { Field, Select } from "../../design/field.tsx";
import { FormDialog } from "../../parts/form-dialog.tsx";
import { namesIn, newId } from "../../parts/names.ts";

const byPolicy = "as the policy says";
const protocols = [byPolicy, ...Protocol.literals] as const;

/** Puts something to the vote. What is left as it is, the policy says. */
export const SubmitDialog = ({ onClose }: { readonly onClose: () => void }) => {
  const [, go] = useLocation();
  const [title, setTitle] = useTyped("new-vote/title");
  const [kind, setKind] = useState("question");
  const [about, setAbout] = useTyped("new-vote/about");
  const [electorate, setElectorate] = useTyped("new-vote/electorate");
  const [protocol, setProtocol] = useState<(typeof protocols)[number]>(byPolicy);
  const [minutes, setMinutes] = useTyped("new-vote/minutes");
  const forget = useForgetTyped("new-vote");
  const submit = useCommand("proposal", "submit");
  const isTime = minutes.trim() === "" || /^[1-9]\d{0,5}$/.test(minutes.trim());
  const send = async () => {
    const id = newId(title, Math.random());
    const voters = namesIn(electorate);
    const payload = {
      kind: kind.trim(),
      title: title.trim(),
      subject: about.trim() === "" ? {} : { about: about.trim() },
      ...defined({
        electorate: voters.length === 0 ? undefined : voters,
        protocol: protocol === byPolicy ? undefined : protocol,
        votingSeconds: minutes.trim() === "" ? undefined : Number(minutes) * 60,
      }),
    };
    if ((await submit.give(id, payload)) === undefined) return;
    forget();
    go(`/decisions/${id}`);
  };
  return (
    <FormDialog
      title="Put something to the vote"
      action="Put it to the vote"
      isReady={title.trim() !== "" && kind.trim() !== "" && isTime}
      busy={submit.isPending}
      error={submit.error}
      onSend={() => void send()}
      onClose={onClose}
    >
      <Field label="What is decided" value={title} onChange={setTitle} />
      <Field label="More about it" value={about} onChange={setAbout} lines={2} hint="Ballots are bound to it." />
      <Field mono label="Kind" value={kind} onChange={setKind} hint="The policy for this kind holds." />
      <Field
        mono
        label="Who votes"
        value={electorate}
        onChange={setElectorate}
        hint="Names, apart by spaces. Nothing: whom the policy says."
      />
      <Select label="Protocol" value={protocol} choices={protocols} onChange={setProtocol} />
      <Field
        label="Minutes to vote"
        value={minutes}
        onChange={setMinutes}
        hint="Nothing: as the policy says."
        problem={isTime ? undefined : "a whole number from 1, or nothing"}
      />
    </FormDialog>
  );
};
