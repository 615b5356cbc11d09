import { useState } from "react";
import { useLocation } from "wouter";
import { defined } from "../../../../domain/kernel/mod.ts";
import { useCommand } from "../../data/command.ts";
import { useForgetTyped, useTyped } from "../../data/typed.ts";
import { Field } from "../../design/field.tsx";
import { FormDialog } from "../../parts/form-dialog.tsx";

/** Says what one holds for true. Without a space, one is named: the first fact makes it. */
export const AssertDialog = ({
  space: given,
  onClose,
}: {
  readonly space?: string | undefined;
  readonly onClose: () => void;
}) => {
  const [, go] = useLocation();
  const [space, setSpace] = useState(given ?? "");
  const [subject, setSubject] = useTyped("new-fact/subject");
  const [predicate, setPredicate] = useTyped("new-fact/predicate");
  const [object, setObject] = useTyped("new-fact/object");
  const [source, setSource] = useTyped("new-fact/source");
  const forget = useForgetTyped("new-fact");
  const [percent, setPercent] = useState("100");
  const assert = useCommand("knowledge", "assert-fact");
  const isShare = /^(?:100|[1-9]?\d)$/.test(percent.trim());
  const parts = [space, subject, predicate, object].map((part) => part.trim());
  const send = async () => {
    const payload = {
      subject: subject.trim(),
      predicate: predicate.trim(),
      object: object.trim(),
      confidence: Number(percent) / 100,
      ...defined({ source: source.trim() === "" ? undefined : source.trim() }),
    };
    if ((await assert.give(space.trim(), payload)) === undefined) return;
    forget();
    onClose();
    go(`/knowledge/${encodeURIComponent(space.trim())}`);
  };
  return (
    <FormDialog
      title="A new fact"
      action="Say it"
      isReady={parts.every((part) => part !== "") && isShare}
      busy={assert.isPending}
      error={assert.error}
      onSend={() => void send()}
      onClose={onClose}
    >
      {given === undefined && (
        <Field mono label="Space" value={space} onChange={setSpace} hint="A new name begins a new space." />
      )}
      <Field mono label="Subject" value={subject} onChange={setSubject} placeholder="search" />
      <Field mono label="Says" value={predicate} onChange={setPredicate} placeholder="owned-by" />
      <Field mono label="Of" value={object} onChange={setObject} placeholder="team-catalog" />
      <Field label="From where you know it" value={source} onChange={setSource} />
      <Field
        label="How sure you are, in percent"
        value={percent}
        onChange={setPercent}
        problem={isShare ? undefined : "a whole number from 0 to 100"}
      />
    </FormDialog>
  );
};
