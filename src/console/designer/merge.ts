import type { Schema } from "effect";
import { defined, isSameJson } from "../../domain/kernel/mod.ts";
import { type Draft, type Element, elementsOf, type Fields, type Key } from "./draft.ts";

/** Something that both sides have changed, and each in its own way. */
export interface Conflict {
  /** `node web image`, or `node web` if one side has taken it out; `description`. */
  readonly id: string;
  /** What is there on this side; undefined if it has been taken out. */
  readonly mine: Schema.Json | undefined;
  readonly theirs: Schema.Json | undefined;
}

/** Which side holds where both have changed the same. */
export type Choices = ReadonlyMap<string, "mine" | "theirs">;

/** A draft with what others have changed meanwhile. */
export interface Merged {
  readonly draft: Draft;
  readonly conflicts: ReadonlyArray<Conflict>;
}

type Value = Schema.Json | undefined;

const same = (left: Value, right: Value): boolean =>
  left === right || (left !== undefined && right !== undefined && isSameJson(left, right));

/**
 * Joins what two sides have made of one version, field by field. Where only one side has changed something, that holds.
 * Where both have, `choices` decides; without a choice, this side does.
 */
export const merged = (base: Draft, theirs: Draft, mine: Draft, choices: Choices = new Map()): Merged => {
  const conflicts: Array<Conflict> = [];
  const settled = (id: string, before: Value, there: Value, here: Value): Value => {
    if (same(there, here) || same(there, before)) return here;
    if (same(here, before)) return there;
    conflicts.push({ id, mine: here, theirs: there });
    return choices.get(id) === "theirs" ? there : here;
  };
  const fieldsOf = (key: Key, before: Fields | undefined, there: Fields | undefined, here: Fields | undefined) => {
    if (there === undefined || here === undefined) return settled(key, before, there, here) as Fields | undefined;
    const names = [...new Set([...Object.keys(here), ...Object.keys(there)])];
    const fields = names.flatMap((name) => {
      const value = settled(`${key} ${name}`, before?.[name], there[name], here[name]);
      return value === undefined ? [] : [[name, value] as const];
    });
    return Object.fromEntries(fields) as Fields;
  };
  const [before, there, here] = [elementsOf(base), elementsOf(theirs), elementsOf(mine)];
  const elements = (kind: Element["kind"]): ReadonlyArray<Fields> =>
    [...new Set([...here.keys(), ...there.keys()])].flatMap((key) => {
      const element = here.get(key) ?? there.get(key);
      if (element?.kind !== kind) return [];
      const fields = fieldsOf(key, before.get(key)?.fields, there.get(key)?.fields, here.get(key)?.fields);
      return fields === undefined ? [] : [fields];
    });
  const description = settled("description", base.description, theirs.description, mine.description);
  const draft: Draft = defined({
    id: mine.id,
    description: typeof description === "string" ? description : undefined,
    nodes: elements("node"),
    edges: elements("edge"),
  });
  return { draft, conflicts };
};
