import { useEffect, useState } from "react";
import { useSearchParams } from "wouter";
import { Button } from "../../design/button.tsx";
import { Field, Select } from "../../design/field.tsx";
import classes from "./audit.module.css";
import { aggregateNames, filterNames, type TrailFilter } from "./trail.ts";

/** Milliseconds after the last key at which a filter counts. */
const rest = 250;

/** What the address narrows the log down to, and what changes that. */
export const useFilter = (): readonly [TrailFilter, (next: TrailFilter) => void] => {
  const [params, setParams] = useSearchParams();
  const filter = Object.fromEntries(
    filterNames.flatMap((name) => {
      const value = params.get(name);
      return value === null || value === "" ? [] : [[name, value]];
    }),
  );
  const change = (next: TrailFilter) =>
    setParams(
      (before) => {
        const after = new URLSearchParams(before);
        for (const name of filterNames) {
          const value = next[name];
          if (value === undefined || value === "") after.delete(name);
          else after.set(name, value);
        }
        return after;
      },
      { replace: true },
    );
  return [filter, change];
};

/** A text that counts when one has stopped to type. */
const FilterField = ({
  label,
  value,
  onChange,
  type = "search",
}: {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly type?: "search" | "datetime-local";
}) => {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  useEffect(() => {
    if (text === value) return;
    const timer = setTimeout(() => onChange(text.trim()), rest);
    return () => clearTimeout(timer);
  }, [text, value, onChange]);
  return <Field label={label} type={type} value={text} onChange={setText} />;
};

const all = "all";

/** The fields that narrow the log down. */
export const Filters = ({
  filter,
  onChange,
}: {
  readonly filter: TrailFilter;
  readonly onChange: (next: TrailFilter) => void;
}) => {
  const set = (name: keyof TrailFilter) => (value: string) => onChange({ ...filter, [name]: value });
  const known = aggregateNames.find((name) => name === filter.aggregate);
  return (
    <search className={classes.filters} aria-label="Narrow the log down">
      <Select
        label="kind"
        value={known ?? all}
        choices={[all, ...aggregateNames]}
        onChange={(value) => set("aggregate")(value === all ? "" : value)}
      />
      <FilterField label="id" value={filter.id ?? ""} onChange={set("id")} />
      <FilterField label="actor" value={filter.actor ?? ""} onChange={set("actor")} />
      <FilterField label="type of event" value={filter.type ?? ""} onChange={set("type")} />
      <FilterField label="after" type="datetime-local" value={filter.after ?? ""} onChange={set("after")} />
      <FilterField label="before" type="datetime-local" value={filter.before ?? ""} onChange={set("before")} />
      {Object.keys(filter).length > 0 && <Button onClick={() => onChange({})}>Everything</Button>}
    </search>
  );
};
