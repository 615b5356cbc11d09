import type { Schema } from "effect";
import { useId } from "react";
import type { Fields, Path } from "../../../designer/draft.ts";
import { placeOf } from "../../../designer/faults.ts";
import type { FieldSpec } from "../../../designer/fields.ts";
import { trueUnlessGiven } from "../../../designer/words.ts";
import { Check, Field } from "../../design/field.tsx";
import { TextOf } from "../../design/text-of.tsx";
import classes from "./form.module.css";

export type Value = Schema.Json | undefined;

/** What all fields of a form share. */
export interface FormContext {
  readonly faults: ReadonlyMap<string, string>;
  readonly isReadOnly: boolean;
  readonly onChange: (path: Path, value: Value) => void;
}

/** What a field gets. */
export interface Given extends FormContext {
  readonly spec: FieldSpec;
  readonly value: Value;
  readonly path: Path;
}

/** Whether a value is a group of fields. */
export const isFields = (value: Value): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A value as a list; empty if it is none. */
export const listOf = (value: Value): ReadonlyArray<Schema.Json> =>
  Array.isArray(value) ? (value as ReadonlyArray<Schema.Json>) : [];

/** A value as the text of a field. */
export const shown = (value: Value): string =>
  value === undefined
    ? ""
    : typeof value === "string"
      ? value
      : typeof value === "number"
        ? String(value)
        : JSON.stringify(value);

/** A number if the text is one as numbers are written; else the text, which the schema then finds fault with. */
const numberOf = (text: string): Value => {
  const trimmed = text.trim();
  if (trimmed === "") return undefined;
  return String(Number(trimmed)) === trimmed ? Number(trimmed) : text;
};

/** A text. */
export const TextField = ({ spec, value, path, faults, isReadOnly, onChange }: Given) => (
  <Field
    mono
    label={spec.label}
    hint={<TextOf text={spec.hint} />}
    value={shown(value)}
    problem={faults.get(placeOf(path))}
    disabled={isReadOnly}
    onChange={(text) => onChange(path, text === "" && !spec.isRequired ? undefined : text)}
  />
);

/** A number; what is none stays as text, and has a fault. */
export const NumberField = ({ spec, value, path, faults, isReadOnly, onChange }: Given) => (
  <Field
    mono
    label={spec.label}
    hint={<TextOf text={spec.hint} />}
    value={shown(value)}
    problem={faults.get(placeOf(path))}
    disabled={isReadOnly}
    onChange={(text) => onChange(path, numberOf(text) ?? (spec.isRequired ? "" : undefined))}
  />
);

/** Yes or no. */
export const SwitchField = ({ spec, value, path, isReadOnly, onChange }: Given) => {
  const otherwise = trueUnlessGiven.has(spec.name);
  const checked = typeof value === "boolean" ? value : otherwise;
  return (
    <div>
      <Check
        label={spec.label}
        checked={checked}
        disabled={isReadOnly}
        onChange={(on) => onChange(path, on === otherwise ? undefined : on)}
      />
      <p className={classes.hint}>
        <TextOf text={spec.hint} />
      </p>
    </div>
  );
};

/** One of several values. */
export const ChoiceField = ({
  spec,
  value,
  path,
  faults,
  isReadOnly,
  onChange,
  choices,
}: Given & { readonly choices: ReadonlyArray<string> }) => {
  const id = useId();
  const problem = faults.get(placeOf(path));
  const text = shown(value);
  return (
    <div className={classes.field}>
      <label htmlFor={id} className={classes.label}>
        {spec.label}
      </label>
      <select
        id={id}
        className={classes.select}
        value={text}
        disabled={isReadOnly}
        aria-describedby={`${id}-hint`}
        aria-invalid={problem !== undefined}
        onChange={({ target }) => onChange(path, target.value === "" ? undefined : target.value)}
      >
        {!spec.isRequired && <option value="">not given</option>}
        {!choices.includes(text) && text !== "" && <option value={text}>{text}</option>}
        {choices.map((choice) => (
          <option key={choice} value={choice}>
            {choice}
          </option>
        ))}
      </select>
      <p id={`${id}-hint`} className={classes.hint}>
        <TextOf text={spec.hint} />
      </p>
      {problem !== undefined && <p className={classes.problem}>✕ {problem}</p>}
    </div>
  );
};

/** Any of several values. */
export const ChoicesField = ({
  spec,
  value,
  path,
  isReadOnly,
  onChange,
  choices,
}: Given & { readonly choices: ReadonlyArray<string> }) => {
  const chosen = listOf(value);
  return (
    <fieldset className={classes.group}>
      <legend>{spec.label}</legend>
      <p className={classes.hint}>
        <TextOf text={spec.hint} />
      </p>
      <div className={classes.checks}>
        {choices.map((choice) => (
          <Check
            key={choice}
            label={choice}
            checked={chosen.includes(choice)}
            disabled={isReadOnly}
            onChange={(on) =>
              onChange(
                path,
                choices.filter((one) => (one === choice ? on : chosen.includes(one))),
              )
            }
          />
        ))}
      </div>
    </fieldset>
  );
};
