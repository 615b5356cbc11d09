import { useState } from "react";
import { useLocation } from "wouter";
import type { CommandPayload } from "../../../../contract/commands.ts";
import { defined } from "../../../../domain/kernel/mod.ts";
import { Priority } from "../../../../domain/task/contract.ts";
import { useCommand } from "../../data/command.ts";
import { useDocuments } from "../../data/documents.tsx";
import { useForgetTyped, useTyped } from "../../data/typed.ts";
import { Field, Select } from "../../design/field.tsx";
import { FormDialog } from "../../parts/form-dialog.tsx";
import { namesIn, newId } from "../../parts/names.ts";

const anyAgent = "whoever can do it";

/** Reads what one types as JSON. Undefined if it is not. */
const payloadOf = (text: string): Pick<CommandPayload<"task", "submit">, "payload"> | undefined => {
  if (text.trim() === "") return {};
  try {
    return { payload: JSON.parse(text) };
  } catch {
    return undefined;
  }
};

/** Asks for work to be done by an agent that can. */
export const SubmitDialog = ({ onClose }: { readonly onClose: () => void }) => {
  const [, go] = useLocation();
  const [type, setType] = useTyped("new-task/type");
  const [needs, setNeeds] = useTyped("new-task/needs");
  const [to, setTo] = useState(anyAgent);
  const [priority, setPriority] = useState<Priority>("normal");
  const [text, setText] = useTyped("new-task/text");
  const [hours, setHours] = useState("24");
  const forget = useForgetTyped("new-task");
  const submit = useCommand("task", "submit");
  const agents = useDocuments("agents").documents;
  const registered = [...agents.values()].filter((agent) => agent.registered).map(({ id }) => id);
  const payload = payloadOf(text);
  const areHours = /^[1-9]\d{0,3}$/.test(hours.trim());
  const send = async () => {
    if (payload === undefined) return;
    const id = newId(type, Math.random());
    const asked = {
      type: type.trim(),
      requiredCapabilities: namesIn(needs),
      priority,
      deadlineSeconds: Number(hours) * 3_600,
      ...payload,
      ...defined({ to: to === anyAgent ? undefined : to }),
    };
    if ((await submit.give(id, asked)) === undefined) return;
    forget();
    onClose();
    go(`/fleet/tasks/${id}`);
  };
  return (
    <FormDialog
      title="A new task"
      action="Submit it"
      isReady={type.trim() !== "" && payload !== undefined && areHours}
      busy={submit.isPending}
      error={submit.error}
      onSend={() => void send()}
      onClose={onClose}
    >
      <Field mono label="Type" value={type} onChange={setType} placeholder="look-at-logs" />
      <Field
        mono
        label="What its agent must be able to do"
        hint="Capabilities, such as review. An agent takes it that has them all."
        value={needs}
        onChange={setNeeds}
      />
      <Select label="Agent" value={to} choices={[anyAgent, ...registered.toSorted()]} onChange={setTo} />
      <Select label="Priority" value={priority} choices={Priority.literals} onChange={setPriority} />
      <Field
        label="It must be over after (hours)"
        value={hours}
        onChange={setHours}
        problem={areHours ? undefined : "a whole number from 1 to 9999"}
      />
      <Field
        mono
        label="Payload"
        hint="What the agent gets, as JSON; nothing if its type says it all."
        lines={4}
        value={text}
        onChange={setText}
        problem={payload === undefined ? "this is not JSON" : undefined}
      />
    </FormDialog>
  );
};
