import type { ComponentType } from "react";
import type { InputOf, OperationName, ViewName } from "../../contract/views/mod.ts";
import type { PlainView } from "./parts/plain-document.tsx";

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
function page<const Path extends string>(path: Path, definition: PageOf<Path>): Page;
function page(path: string, definition: Omit<Page, "path">): Page {
  return { path, ...definition };
}

/** The page of a document that has no page of its own yet: its state and its fields. */
const plain = async (view: PlainView) => {
  const { plainDocument } = await import("./parts/plain-document.tsx");
  return { default: plainDocument(view) };
};

const list = { order: "newest", limit: 100 } as const;

/**
 * Every page. A page is a folder `pages/<name>/` whose `mod.tsx` exports it by default, and an entry here. The first whose
 * pattern fits an address is shown.
 */
export const pages: ReadonlyArray<Page> = [
  page("/", {
    section: "needs-you",
    title: () => "Needs you",
    cim: () => ["proposals", "list", "--filter", "status=active"],
    request: () => asks("proposals", "list", { filter: { status: "active" } }),
    load: () => import("./pages/needs-you/mod.tsx"),
  }),
  page("/graphs", {
    section: "graphs",
    title: () => "Graphs",
    cim: () => ["graph", "list"],
    request: () => asks("graphs", "list", list),
    load: () => import("./pages/graphs/mod.tsx"),
  }),
  page("/graphs/:id", {
    section: "graphs",
    title: ({ id }) => id,
    cim: ({ id }) => ["graph", "get", id],
    request: ({ id }) => asks("graphs", "get", { id }),
    load: () => plain("graphs"),
  }),
  page("/drafts", {
    section: "drafts",
    title: () => "Drafts",
    cim: () => ["graph", "list"],
    request: () => asks("graphs", "list", list),
    load: () => import("./pages/drafts/mod.tsx"),
  }),
  page("/plan/:graph", {
    section: "graphs",
    title: ({ graph }) => `Plan of ${graph}`,
    cim: ({ graph }) => ["plan", `${graph}@latest`],
    request: ({ graph }) => asks("deployments", "plan", { graph }),
    load: () => import("./pages/plan/mod.tsx"),
  }),
  page("/deployments", {
    section: "deployments",
    title: () => "Deployments",
    cim: () => ["deployments", "list"],
    request: () => asks("deployments", "list", list),
    load: () => import("./pages/deployments/mod.tsx"),
  }),
  page("/deployments/:id", {
    section: "deployments",
    title: ({ id }) => id,
    cim: ({ id }) => ["deployments", "get", id, "--watch"],
    request: ({ id }) => asks("deployments", "get", { id }),
    load: () => plain("deployments"),
  }),
  page("/conversations", {
    section: "conversations",
    title: () => "Conversations",
    cim: () => ["dialogs", "list"],
    request: () => asks("dialogs", "list", list),
    load: () => import("./pages/conversations/mod.tsx"),
  }),
  page("/conversations/:id", {
    section: "conversations",
    title: ({ id }) => id,
    cim: ({ id }) => ["dialogs", "show", id],
    request: ({ id }) => asks("dialogs", "transcript", { id }),
    load: () => plain("dialogs"),
  }),
  page("/decisions", {
    section: "decisions",
    title: () => "Decisions",
    cim: () => ["proposals", "list"],
    request: () => asks("proposals", "list", list),
    load: () => import("./pages/decisions/mod.tsx"),
  }),
  page("/decisions/:id", {
    section: "decisions",
    title: ({ id }) => id,
    cim: ({ id }) => ["proposals", "show", id],
    request: ({ id }) => asks("proposals", "get", { id }),
    load: () => plain("proposals"),
  }),
  page("/fleet", {
    section: "fleet",
    title: () => "Fleet",
    cim: () => ["hosts", "list"],
    request: () => asks("hosts", "list", list),
    load: () => import("./pages/fleet/mod.tsx"),
  }),
  page("/fleet/hosts/:id", {
    section: "fleet",
    title: ({ id }) => id,
    cim: ({ id }) => ["why", id],
    request: ({ id }) => asks("hosts", "why", { host: id }),
    load: () => plain("hosts"),
  }),
  page("/fleet/agents/:id", {
    section: "fleet",
    title: ({ id }) => id,
    cim: ({ id }) => ["agents", "get", id],
    request: ({ id }) => asks("agents", "get", { id }),
    load: () => plain("agents"),
  }),
  page("/fleet/tasks/:id", {
    section: "fleet",
    title: ({ id }) => id,
    cim: ({ id }) => ["tasks", "get", id],
    request: ({ id }) => asks("tasks", "get", { id }),
    load: () => plain("tasks"),
  }),
  page("/knowledge", {
    section: "knowledge",
    title: () => "Knowledge",
    cim: () => ["facts", "spaces"],
    request: () => asks("knowledge", "list", list),
    load: () => import("./pages/knowledge/mod.tsx"),
  }),
  page("/knowledge/:id", {
    section: "knowledge",
    title: ({ id }) => id,
    cim: ({ id }) => ["facts", "list", "--space", id],
    request: ({ id }) => asks("knowledge", "facts", { space: id }),
    load: () => plain("knowledge"),
  }),
  page("/audit", {
    section: "audit",
    title: () => "Audit",
    cim: () => ["audit", "log"],
    request: () => asks("audit", "trail", { limit: 100 }),
    load: () => import("./pages/audit/mod.tsx"),
  }),
];
