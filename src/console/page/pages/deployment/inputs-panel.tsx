import { Badge } from "../../design/badge.tsx";
import { List, ListItem, Panel } from "../../design/list.tsx";
import { TextOf } from "../../design/text-of.tsx";
import { openInputsOf } from "./story.ts";

const states = {
  pinned: { tone: "ok", text: "pinned before the review" },
  unpinned: {
    tone: "warn",
    text: "stays unpinned, as the request says: each machine that builds finds out what it means",
  },
  "being-pinned": { tone: "moving", text: "a deployer finds out what to pin" },
  "not-pinned": { tone: "bad", text: "was not pinned" },
} as const;

/** What becomes of the inputs that neither the graph nor the installation had pinned. Nothing if there were none. */
export const InputsPanel = ({
  deployment,
  events,
}: {
  readonly deployment: Parameters<typeof openInputsOf>[0];
  readonly events: Parameters<typeof openInputsOf>[1];
}) => {
  const inputs = openInputsOf(deployment, events);
  if (inputs.length === 0) return null;
  return (
    <Panel title="Inputs" hint="that were open when it was requested">
      <List label="Inputs of the flake">
        {inputs.map(({ name, reference, state }) => (
          <ListItem key={name}>
            <p>
              <strong>
                <TextOf text={name} />
              </strong>{" "}
              <Badge state={state} tone={states[state].tone}>
                {states[state].text}
              </Badge>
            </p>
            {reference !== undefined && (
              <code>
                <TextOf text={reference} />
              </code>
            )}
          </ListItem>
        ))}
      </List>
    </Panel>
  );
};
