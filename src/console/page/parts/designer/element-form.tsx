import { useMemo, useState } from "react";
import { edgeTypeNames } from "../../../../domain/graph/types.ts";
import {
  type Element,
  elementsOf,
  type Fields,
  identityOf,
  type Path,
  textOf,
  withDescription,
} from "../../../designer/draft.ts";
import { faultsOf } from "../../../designer/faults.ts";
import { fieldsOf, meaningOf } from "../../../designer/fields.ts";
import { mayJoin } from "../../../designer/joins.ts";
import { Button } from "../../design/button.tsx";
import { Combobox } from "../../design/combobox.tsx";
import { Field } from "../../design/field.tsx";
import { TextOf } from "../../design/text-of.tsx";
import { ConnectDialog } from "./connect-dialog.tsx";
import type { Editor } from "./editor.ts";
import classes from "./form.module.css";
import type { FormContext } from "./scalar-fields.tsx";
import { FieldsOf } from "./value-field.tsx";

/** The id of the form, so that the keyboard leads to it from outline and canvas. */
export const formId = "designer-form";

/** Puts the focus into the first field of the form, once it is drawn. */
export const focusForm = (): void => {
  setTimeout(() => {
    const form = document.getElementById(formId);
    (form?.querySelector<HTMLElement>("input:not(:disabled), select:not(:disabled), textarea") ?? form)?.focus();
  }, 60);
};

/** The form of what is selected: every field that its type has. Of nothing, that of the graph itself. */
export const ElementForm = ({ editor }: { readonly editor: Editor }) => {
  const { draft, current, selection } = editor;
  const element = current === undefined ? undefined : elementsOf(draft).get(current);
  return (
    <section id={formId} aria-label="Form" className={classes.form} tabIndex={-1}>
      {selection.length > 1 && <p>{selection.length} are selected. The form is of the last one.</p>}
      {element === undefined ? (
        <GraphForm editor={editor} />
      ) : (
        <OneForm key={`${element.kind} ${element.index}`} editor={editor} element={element} />
      )}
    </section>
  );
};

const GraphForm = ({ editor: { draft, edit, isReadOnly } }: { readonly editor: Editor }) => (
  <>
    <div className={classes.head}>
      <h2>The graph</h2>
    </div>
    <Field
      label="Description"
      hint="What the graph is for, in words."
      lines={3}
      value={draft.description ?? ""}
      disabled={isReadOnly}
      onChange={(text) => edit((before) => withDescription(before, text), "description")}
    />
    <p className={classes.hint}>Select a node or an edge to see its fields.</p>
  </>
);

const titleOf = ({ kind, fields }: Element): string =>
  kind === "node" ? textOf(fields.id) || "without a name" : identityOf(fields);

const OneForm = ({ editor, element }: { readonly editor: Editor; readonly element: Element }) => {
  const { draft, isReadOnly, setField, remove, select } = editor;
  const { key, kind, fields } = element;
  const type = textOf(fields.type);
  const faults = useMemo(() => faultsOf(element), [element]);
  const specs = fieldsOf(kind, type);
  const ownSpecs = kind === "edge" ? specs.filter(({ name }) => name !== "from" && name !== "to") : specs;
  const context: FormContext = {
    faults,
    isReadOnly,
    onChange: (path: Path, value) => setField(key, path, value),
  };
  // What the form has no field for: of a type that there is not, or a field that does not belong here.
  const strays = [...faults].filter(
    ([place]) => !specs.some(({ name }) => place === name || place.startsWith(`${name}.`)),
  );
  return (
    <>
      <div className={classes.head}>
        <h2>
          <TextOf text={titleOf(element)} />
        </h2>
        <span className={classes.label}>{type}</span>
        {!isReadOnly && (
          <div className={classes.actions}>
            <Button
              kind="bad"
              onClick={() => {
                select([key]);
                remove();
              }}
            >
              Delete
            </Button>
          </div>
        )}
      </div>
      <p className={classes.hint}>
        <TextOf text={meaningOf(kind, type) ?? "There is no such type: correct it in the JSON."} />
      </p>
      {strays.map(([place, text]) => (
        <p key={place} className={classes.problem}>
          ✕ {place === "" ? "" : `${place}: `}
          <TextOf text={text} />
        </p>
      ))}
      {kind === "edge" && <Ends editor={editor} element={element} />}
      <FieldsOf {...context} fields={ownSpecs} value={fields} path={[]} />
      {kind === "node" && <Connections editor={editor} id={textOf(fields.id)} />}
      {kind === "edge" && draft.nodes.length === 0 && <p className={classes.hint}>There is no node to join.</p>}
    </>
  );
};

/** The two ends of an edge: only nodes that it may join are offered. */
const Ends = ({ editor, element }: { readonly editor: Editor; readonly element: Element }) => {
  const { draft, setField, isReadOnly } = editor;
  const { key, fields } = element;
  const type = edgeTypeNames.find((name) => name === fields.type);
  const typeOf = (id: string): string => textOf(draft.nodes.find((node) => node.id === id)?.type);
  const [from, to] = [textOf(fields.from), textOf(fields.to)];
  const fits = (node: Fields, end: "from" | "to"): boolean => {
    if (type === undefined) return true;
    const own = textOf(node.type);
    return end === "from" ? mayJoin(type, own, typeOf(to)) : mayJoin(type, typeOf(from), own);
  };
  return (["from", "to"] as const).map((end) => {
    const value = textOf(fields[end]);
    const choices = draft.nodes.filter((node) => fits(node, end)).map(({ id }) => textOf(id));
    return isReadOnly ? (
      <Field key={end} mono label={end === "from" ? "From" : "To"} value={value} disabled onChange={() => undefined} />
    ) : (
      <Combobox
        key={end}
        label={end === "from" ? "From" : "To"}
        value={value}
        choices={[...new Set(value === "" || choices.includes(value) ? choices : [value, ...choices])]}
        onChange={(id) => id !== undefined && setField(key, [end], id)}
      />
    );
  });
};

/** The edges at a node, and a way to join it to another. */
const Connections = ({ editor, id }: { readonly editor: Editor; readonly id: string }) => {
  const { draft, select, isReadOnly } = editor;
  const [isJoining, setIsJoining] = useState(false);
  const edges = [...elementsOf(draft).values()].filter(
    ({ kind, fields: { from, to } }) => kind === "edge" && id !== "" && (from === id || to === id),
  );
  return (
    <fieldset className={classes.group}>
      <legend>Connections</legend>
      <ul className={classes.edges}>
        {edges.map(({ key, fields: { from, to, type, port, topic, protocol } }) => (
          <li key={key}>
            <button type="button" className={classes.edge} onClick={() => select([key])}>
              <span aria-hidden="true">{from === id ? "→ " : "← "}</span>
              <span className="unseen">{from === id ? "to " : "from "}</span>
              <TextOf text={textOf(from === id ? to : from)} />{" "}
              <TextOf text={[type, protocol ?? topic, port].filter((part) => part !== undefined).join(" ")} />
            </button>
          </li>
        ))}
      </ul>
      {!isReadOnly && <Button onClick={() => setIsJoining(true)}>+ Connect</Button>}
      {isJoining && <ConnectDialog editor={editor} from={id} onClose={() => setIsJoining(false)} />}
    </fieldset>
  );
};
