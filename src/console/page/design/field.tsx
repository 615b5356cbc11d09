import { type ReactNode, useId } from "react";
import classes from "./field.module.css";

interface FieldOptions {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  /** What it means, or what follows from it. */
  readonly hint?: ReactNode;
  /** What is wrong with the value. */
  readonly problem?: string | undefined;
  readonly placeholder?: string;
  /** What one would type elsewhere too: shown in monospace. */
  readonly mono?: boolean;
  readonly disabled?: boolean;
  readonly type?: "text" | "number" | "password" | "search" | "datetime-local";
  /** A field of several lines. */
  readonly lines?: number;
  /** The label is for screen readers only: what surrounds the field says it to others. */
  readonly labelUnseen?: boolean;
}

/** A field with its label, what it means, and what is wrong with its value. */
export const Field = ({
  label,
  value,
  onChange,
  hint,
  problem,
  placeholder,
  mono = false,
  disabled = false,
  type = "text",
  lines,
  labelUnseen = false,
}: FieldOptions) => {
  const id = useId();
  const described = [hint === undefined ? "" : `${id}-hint`, problem === undefined ? "" : `${id}-problem`]
    .join(" ")
    .trim();
  const shared = {
    id,
    value,
    disabled,
    placeholder,
    className: mono ? `${classes.input} ${classes.mono}` : classes.input,
    "aria-invalid": problem !== undefined,
    "aria-describedby": described === "" ? undefined : described,
    spellCheck: !mono,
  };
  return (
    <div className={classes.field}>
      <label htmlFor={id} className={labelUnseen ? "unseen" : classes.label}>
        {label}
      </label>
      {lines === undefined ? (
        <input {...shared} type={type} autoComplete="off" onChange={({ target }) => onChange(target.value)} />
      ) : (
        <textarea {...shared} rows={lines} onChange={({ target }) => onChange(target.value)} />
      )}
      {hint !== undefined && (
        <p id={`${id}-hint`} className={classes.hint}>
          {hint}
        </p>
      )}
      {problem !== undefined && (
        <p id={`${id}-problem`} className={classes.problem}>
          <span aria-hidden="true">✕ </span>
          {problem}
        </p>
      )}
    </div>
  );
};

/** A choice of a few, as a list that opens. */
export const Select = <T extends string>({
  label,
  value,
  choices,
  onChange,
  disabled = false,
  labelUnseen = false,
}: {
  readonly label: string;
  readonly value: T;
  readonly choices: ReadonlyArray<T>;
  readonly onChange: (value: T) => void;
  readonly disabled?: boolean;
  readonly labelUnseen?: boolean;
}) => {
  const id = useId();
  return (
    <div className={classes.field}>
      <label htmlFor={id} className={labelUnseen ? "unseen" : classes.label}>
        {label}
      </label>
      <select
        id={id}
        className={classes.input}
        value={value}
        disabled={disabled}
        onChange={({ target }) => {
          const chosen = choices.find((choice) => choice === target.value);
          if (chosen !== undefined) onChange(chosen);
        }}
      >
        {choices.map((choice) => (
          <option key={choice} value={choice}>
            {choice}
          </option>
        ))}
      </select>
    </div>
  );
};

/** A switch with its label. */
export const Check = ({
  label,
  checked,
  onChange,
  disabled = false,
}: {
  readonly label: string;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
  readonly disabled?: boolean;
}) => (
  <label className={classes.check}>
    <input type="checkbox" checked={checked} disabled={disabled} onChange={({ target }) => onChange(target.checked)} />
    {label}
  </label>
);
