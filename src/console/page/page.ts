import type { ComponentType } from "react";
import type { InputOf, OperationName, ViewName } from "../../contract/views/mod.ts";

/** The sections at the left, in their order, each with its sign and the address that it leads to. */
export const sections = {
  "needs-you": { name: "Needs you", sign: "!", href: "/" },
  graphs: { name: "Graphs", sign: "◇", href: "/graphs" },
  drafts: { name: "Drafts", sign: "✎", href: "/drafts" },
  deployments: { name: "Deployments", sign: "⇪", href: "/deployments" },
  conversations: { name: "Conversations", sign: "☰", href: "/conversations" },
  decisions: { name: "Decisions", sign: "✓", href: "/decisions" },
  fleet: { name: "Fleet", sign: "▤", href: "/fleet" },
  knowledge: { name: "Knowledge", sign: "✳", href: "/knowledge" },
  rules: { name: "Rules", sign: "§", href: "/rules" },
  audit: { name: "Audit", sign: "⟲", href: "/audit" },
} as const;
export type SectionName = keyof typeof sections;

/** The request that a screen shows: what anybody could ask over NATS in its place. */
export interface ShownRequest {
  readonly view: ViewName;
  readonly operation: string;
  readonly input: object;
}

/** A request, with the types of the contract. */
export const asks = <V extends ViewName, O extends OperationName<V>>(
  view: V,
  operation: O,
  input: InputOf<V, O> & object,
): ShownRequest => ({ view, operation, input });

/** The parameters in the pattern of an address: `/graphs/:id` has `id`. */
type ParamsOf<Path extends string> = Path extends `${string}/:${infer Name}/${infer Rest}`
  ? { readonly [K in Name]: string } & ParamsOf<`/${Rest}`>
  : Path extends `${string}/:${infer Name}`
    ? { readonly [K in Name]: string }
    : Readonly<Record<never, string>>;

type Parameters = Readonly<Record<string, string>>;

/** A page: where it is, what it is called, what shows the same elsewhere, and how it is loaded. */
export interface Page {
  /** The pattern of its address. */
  readonly path: string;
  readonly section: SectionName;
  readonly title: (parameters: Parameters) => string;
  /** The words of the command line after `cim`. */
  readonly cim: (parameters: Parameters) => ReadonlyArray<string>;
  readonly request: (parameters: Parameters) => ShownRequest;
  /** The page itself comes when it is first opened. It gets the parameters of its address. */
  readonly load: () => Promise<{ readonly default: ComponentType<Parameters> }>;
}

interface PageOf<Path extends string> {
  readonly section: SectionName;
  readonly title: (parameters: ParamsOf<Path>) => string;
  readonly cim: (parameters: ParamsOf<Path>) => ReadonlyArray<string>;
  readonly request: (parameters: ParamsOf<Path>) => ShownRequest;
  readonly load: () => Promise<{ readonly default: ComponentType<ParamsOf<Path>> }>;
}

/** A page by its address. Its functions, and the page itself, get what the pattern names: `/graphs/:id` gives `id`. */
export function page<const Path extends string>(path: Path, definition: PageOf<Path>): Page;
export function page(path: string, definition: Omit<Page, "path">): Page {
  return { path, ...definition };
}
