import { agents } from "./agents.ts";
import { audit } from "./audit.ts";
import { capabilities } from "./capabilities.ts";
import { contexts } from "./contexts.ts";
import { deployments } from "./deployments.ts";
import { dialogs } from "./dialogs.ts";
import { freezes } from "./freezes.ts";
import { graphs } from "./graphs.ts";
import { hosts } from "./hosts.ts";
import { knowledge } from "./knowledge.ts";
import { parked } from "./parked.ts";
import { policies } from "./policies.ts";
import { principals } from "./principals.ts";
import { proposals } from "./proposals.ts";
import { tasks } from "./tasks.ts";
import type { PublishedView } from "./view.ts";

/** Every view with its documents and operations, by the name in subjects and buckets. */
export const publishedViews = {
  graphs,
  agents,
  principals,
  capabilities,
  parked,
  tasks,
  dialogs,
  contexts,
  proposals,
  policies,
  deployments,
  freezes,
  hosts,
  knowledge,
  audit,
} satisfies Readonly<Record<string, PublishedView>>;

type Views = typeof publishedViews;
export type ViewName = keyof Views;

/** The operations of a view. */
export type OperationName<V extends ViewName> = keyof Views[V]["operations"] & string;

/** A document of a view, as in the KV bucket and in the answer of most views' `get`. */
export type DocumentOf<V extends ViewName> = Views[V]["document"]["Type"];

type OperationIn<V extends ViewName, Q extends OperationName<V>> = Views[V]["operations"][Q];

/** The input of an operation as a client sends it. Fields with a default may be absent. */
export type InputOf<V extends ViewName, Q extends OperationName<V>> =
  OperationIn<V, Q> extends { readonly input: { readonly Encoded: infer Input } } ? Input : never;

/** The input of an operation after decoding, with every default filled in. */
export type FullInputOf<V extends ViewName, Q extends OperationName<V>> =
  OperationIn<V, Q> extends { readonly input: { readonly Type: infer Input } } ? Input : never;

/** The answer of an operation: the `data` of the reply. */
export type AnswerOf<V extends ViewName, Q extends OperationName<V>> =
  OperationIn<V, Q> extends { readonly answer: { readonly Type: infer Answer } } ? Answer : never;

/** An item of the pages of `list`. */
export type ItemOf<V extends ViewName> =
  AnswerOf<V, "list" & OperationName<V>> extends { readonly items: ReadonlyArray<infer Item> } ? Item : never;
