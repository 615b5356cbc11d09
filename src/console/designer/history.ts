import { type Draft, elementsOf, type Key } from "./draft.ts";

/** What is being edited: the draft, what it was, what was undone, and what is selected. */
export interface Editing {
  readonly draft: Draft;
  readonly past: ReadonlyArray<Draft>;
  readonly future: ReadonlyArray<Draft>;
  /** What the last edit was of. Another edit of the same is one step with it. */
  readonly step: string | undefined;
  /** The keys of what is selected; the last one is the one whose form is open. */
  readonly selection: ReadonlyArray<Key>;
}

/** Steps that can be undone. A draft shares what did not change with the one before, so that they cost little. */
const mostSteps = 500;

export const begin = (draft: Draft): Editing => ({
  draft,
  past: [],
  future: [],
  step: undefined,
  selection: [],
});

/** Only what is there is selected. */
const present = (draft: Draft, selection: ReadonlyArray<Key>): ReadonlyArray<Key> => {
  const elements = elementsOf(draft);
  return selection.every((key) => elements.has(key)) ? selection : selection.filter((key) => elements.has(key));
};

/**
 * The state after an edit. Edits with the same `step`, such as letters typed into one field, are undone together.
 * A draft that is the one before makes no step.
 */
export const edited = (
  state: Editing,
  draft: Draft,
  { step, selection = state.selection }: { readonly step?: string; readonly selection?: ReadonlyArray<Key> } = {},
): Editing => {
  if (draft === state.draft) return { ...state, selection: present(draft, selection) };
  const isSameStep = step !== undefined && step === state.step && state.past.length > 0;
  return {
    draft,
    past: isSameStep ? state.past : [...state.past, state.draft].slice(-mostSteps),
    future: [],
    step,
    selection: present(draft, selection),
  };
};

/** The state with something else selected. What is typed next is a step of its own. */
export const selected = (state: Editing, selection: ReadonlyArray<Key>): Editing => ({
  ...state,
  step: undefined,
  selection: present(state.draft, selection),
});

/** The state before the last edit. */
export const undone = (state: Editing): Editing => {
  const draft = state.past.at(-1);
  if (draft === undefined) return state;
  const [past, future] = [state.past.slice(0, -1), [state.draft, ...state.future]];
  return { draft, past, future, step: undefined, selection: present(draft, state.selection) };
};

/** The state after the edit that was undone last. */
export const redone = (state: Editing): Editing => {
  const [draft, ...future] = state.future;
  if (draft === undefined) return state;
  const past = [...state.past, state.draft];
  return { draft, past, future, step: undefined, selection: present(draft, state.selection) };
};
