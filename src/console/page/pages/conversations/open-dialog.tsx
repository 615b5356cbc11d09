import { useState } from "react";
import { useLocation } from "wouter";
import { DialogType, Routing } from "../../../../domain/dialog/contract.ts";
import { useCommand } from "../../data/command.ts";
import { useForgetTyped, useTyped } from "../../data/typed.ts";
import { Field, Select } from "../../design/field.tsx";
import { FormDialog } from "../../parts/form-dialog.tsx";
import { namesIn, newId } from "../../parts/names.ts";

const types = DialogType.literals.filter((type) => type !== "task");

/** Begins a conversation; whoever begins it takes part. */
export const OpenDialog = ({ onClose }: { readonly onClose: () => void }) => {
  const [, go] = useLocation();
  const [topic, setTopic] = useTyped("new-conversation/topic");
  const [type, setType] = useState<DialogType>("group");
  const [routing, setRouting] = useState<Routing>("broadcast");
  const [participants, setParticipants] = useTyped("new-conversation/participants");
  const forget = useForgetTyped("new-conversation");
  const open = useCommand("dialog", "open");
  const send = async () => {
    const id = newId(topic, Math.random());
    const payload = { type, topic: topic.trim(), participants: namesIn(participants), routing };
    if ((await open.give(id, payload)) === undefined) return;
    forget();
    go(`/conversations/${id}`);
  };
  return (
    <FormDialog
      title="A new conversation"
      action="Begin it"
      isReady={topic.trim() !== ""}
      busy={open.isPending}
      error={open.error}
      onSend={() => void send()}
      onClose={onClose}
    >
      <Field label="What it is about" value={topic} onChange={setTopic} />
      <Field
        mono
        label="Who takes part besides you"
        hint="People and agents, by the names that they act under."
        value={participants}
        onChange={setParticipants}
      />
      <Select label="Kind" value={type} choices={types} onChange={setType} />
      <Select
        label="To whom a turn goes that names nobody"
        value={routing}
        choices={Routing.literals}
        onChange={setRouting}
      />
    </FormDialog>
  );
};
