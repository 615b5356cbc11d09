import type { Expression } from "./expression.ts";
import type { Doc, Docs } from "./layout.ts";

/** How the expressions inside others are laid out: `print` hands these to the files for each kind of expression. */
export interface Layouts {
  /** Where any expression may stand. */
  readonly whole: (expression: Expression) => Docs;
  /** Where the grammar wants one that holds together by itself: in a list, as callee, as argument. */
  readonly operand: (expression: Expression) => Docs;
  /** What holds together by itself, without a group of its own: its brackets break where those around it do. */
  readonly term: (term: Expression) => Docs;
  /** Between brackets, which it shares its lines with where that saves it an indentation. */
  readonly enclosed: (expression: Expression) => Docs;
  readonly parentheses: (expression: Expression) => Doc;
}

/** Docs that follow others, such as the `=` of a binding. */
export interface Continuation {
  readonly docs: Docs;
  /** Whether they begin on the line of those others in any case; their first gap is left out then. */
  readonly attached: boolean;
}
