import type { Schema } from "effect";
import { useEffect, useState } from "react";
import type { Path } from "../../../designer/draft.ts";
import { placeOf } from "../../../designer/faults.ts";
import { emptyOf, type FieldSpec, type Shape } from "../../../designer/fields.ts";
import { Button } from "../../design/button.tsx";
import { Field } from "../../design/field.tsx";
import { TextOf } from "../../design/text-of.tsx";
import classes from "./form.module.css";
import {
  ChoiceField,
  ChoicesField,
  type FormContext,
  type Given,
  isFields,
  listOf,
  NumberField,
  SwitchField,
  shown,
  TextField,
  type Value,
} from "./scalar-fields.tsx";

/** A field of any shape. */
export const ValueField = (given: Given) => {
  switch (given.spec.shape.kind) {
    case "text":
      return <TextField {...given} />;
    case "number":
      return <NumberField {...given} />;
    case "switch":
      return <SwitchField {...given} />;
    case "choice":
      return <ChoiceField {...given} choices={given.spec.shape.choices} />;
    case "choices":
      return <ChoicesField {...given} choices={given.spec.shape.choices} />;
    case "list":
      return <ListField {...given} of={given.spec.shape.of} />;
    case "names":
      return <NamesField {...given} />;
    case "group":
      return <GroupField {...given} fields={given.spec.shape.fields} />;
  }
};

const Remove = ({ what, onClick }: { readonly what: string; readonly onClick: () => void }) => (
  <Button kind="quiet" label={`Remove ${what}`} onClick={onClick}>
    <span aria-hidden="true">✕</span>
  </Button>
);

const ListField = ({ spec, value, path, of, ...context }: Given & { readonly of: Shape }) => {
  const items = listOf(value);
  const { isReadOnly, onChange, faults } = context;
  const problem = faults.get(placeOf(path));
  return (
    <fieldset className={classes.group}>
      <legend>{spec.label}</legend>
      <p className={classes.hint}>
        <TextOf text={spec.hint} />
      </p>
      {items.map((item, index) => {
        const name = `${spec.label}, ${index + 1}`;
        const inner = [...path, index];
        const remove = () =>
          items.length === 1 && !spec.isRequired ? onChange(path, undefined) : onChange(inner, undefined);
        return (
          <div key={index} className={of.kind === "group" ? classes.inner : classes.item}>
            {of.kind === "group" ? (
              <FieldsOf {...context} fields={of.fields} value={item} path={inner} />
            ) : (
              <Field
                mono
                label={name}
                labelUnseen
                value={shown(item)}
                problem={faults.get(placeOf(inner))}
                disabled={isReadOnly}
                onChange={(text) => onChange(inner, text)}
              />
            )}
            {!isReadOnly && <Remove what={name} onClick={remove} />}
          </div>
        );
      })}
      {problem !== undefined && <p className={classes.problem}>✕ {problem}</p>}
      {!isReadOnly && (
        <Button label={`Add to ${spec.label}`} onClick={() => onChange(path, [...items, emptyOf(of)])}>
          + Add
        </Button>
      )}
    </fieldset>
  );
};

/** A name that people choose. While it is the name of another one, only this field has it. */
const NameField = ({
  label,
  name,
  taken,
  isReadOnly,
  onChange,
}: {
  readonly label: string;
  readonly name: string;
  readonly taken: ReadonlyArray<string>;
  readonly isReadOnly: boolean;
  readonly onChange: (name: string) => void;
}) => {
  const [text, setText] = useState(name);
  useEffect(() => setText(name), [name]);
  const isDouble = (next: string): boolean => next !== name && taken.includes(next);
  return (
    <Field
      mono
      labelUnseen
      label={label}
      placeholder="NAME"
      value={text}
      disabled={isReadOnly}
      problem={isDouble(text) ? "there is one of this name" : undefined}
      onChange={(next) => {
        setText(next);
        if (!isDouble(next)) onChange(next);
      }}
    />
  );
};

const NamesField = ({ spec, value, path, faults, isReadOnly, onChange }: Given) => {
  const entries = Object.entries(isFields(value) ? value : {});
  const names = entries.map(([name]) => name);
  const set = (next: ReadonlyArray<readonly [string, Schema.Json]>) =>
    onChange(path, next.length === 0 && !spec.isRequired ? undefined : Object.fromEntries(next));
  return (
    <fieldset className={classes.group}>
      <legend>{spec.label}</legend>
      <p className={classes.hint}>
        <TextOf text={spec.hint} />
      </p>
      {entries.map(([name, item], index) => (
        <div key={index} className={classes.pair}>
          <NameField
            label={`${spec.label}, name ${index + 1}`}
            name={name}
            taken={names}
            isReadOnly={isReadOnly}
            onChange={(next) => set(entries.map((entry, at) => (at === index ? [next, item] : entry)))}
          />
          <Field
            mono
            labelUnseen
            label={`${spec.label}, value of ${name}`}
            placeholder="value"
            value={shown(item)}
            disabled={isReadOnly}
            problem={faults.get(placeOf([...path, name]))}
            onChange={(text) => onChange([...path, name], text)}
          />
          {!isReadOnly && <Remove what={name} onClick={() => set(entries.filter((_, at) => at !== index))} />}
        </div>
      ))}
      {!isReadOnly && (
        <Button
          label={`Add to ${spec.label}`}
          disabled={names.includes("")}
          onClick={() => set([...entries, ["", ""]])}
        >
          + Add
        </Button>
      )}
    </fieldset>
  );
};

const GroupField = ({
  spec,
  value,
  path,
  fields,
  ...context
}: Given & { readonly fields: ReadonlyArray<FieldSpec> }) => {
  const { isReadOnly, onChange } = context;
  const what = spec.label.charAt(0).toLowerCase() + spec.label.slice(1);
  return (
    <fieldset className={classes.group}>
      <legend>{spec.label}</legend>
      <p className={classes.hint}>
        <TextOf text={spec.hint} />
      </p>
      {value === undefined ? (
        !isReadOnly && (
          <Button label={`Add ${what}`} onClick={() => onChange(path, emptyOf(spec.shape))}>
            + Add
          </Button>
        )
      ) : (
        <>
          <FieldsOf {...context} fields={fields} value={value} path={path} />
          {!isReadOnly && !spec.isRequired && (
            <Button kind="quiet" label={`Remove ${what}`} onClick={() => onChange(path, undefined)}>
              Remove
            </Button>
          )}
        </>
      )}
    </fieldset>
  );
};

/** The fields of a node, of an edge, or of a group within. */
export const FieldsOf = ({
  fields,
  value,
  path,
  ...context
}: FormContext & { readonly fields: ReadonlyArray<FieldSpec>; readonly value: Value; readonly path: Path }) => (
  <div className={classes.fields}>
    {fields.map((spec) => (
      <ValueField
        key={spec.name}
        {...context}
        spec={spec}
        value={isFields(value) ? value[spec.name] : undefined}
        path={[...path, spec.name]}
      />
    ))}
  </div>
);
