import { asks, type Page, page } from "./page.ts";
import type { PlainView } from "./parts/plain-document.tsx";

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
    load: () => import("./pages/graphs/graph.tsx"),
  }),
  page("/drafts", {
    section: "drafts",
    title: () => "Drafts",
    cim: () => ["graph", "list"],
    request: () => asks("graphs", "list", list),
    load: () => import("./pages/drafts/mod.tsx"),
  }),
  page("/drafts/:id", {
    section: "drafts",
    title: ({ id }) => id,
    cim: () => ["graph", "list"],
    request: () => asks("graphs", "list", list),
    load: () => import("./pages/drafts/draft.tsx"),
  }),
  page("/plan/:graph", {
    section: "graphs",
    title: ({ graph }) => `Plan of ${graph}`,
    cim: ({ graph }) => ["plan", `${graph}@latest`],
    request: ({ graph }) => asks("deployments", "plan", { graph }),
    load: () => import("./pages/plan/mod.tsx"),
  }),
  page("/diff", {
    section: "graphs",
    title: () => "Differences",
    cim: () => ["graph", "diff"],
    request: () => asks("graphs", "list", list),
    load: () => import("./pages/diff/mod.tsx"),
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
    load: () => import("./pages/deployment/mod.tsx"),
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
    load: () => import("./pages/conversation/mod.tsx"),
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
    load: () => import("./pages/decision/mod.tsx"),
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
    cim: () => ["audit", "log", "--newest"],
    request: () => asks("audit", "trail", { order: "newest", limit: 100 }),
    load: () => import("./pages/audit/mod.tsx"),
  }),
  page("/audit/verify", {
    section: "audit",
    title: () => "Verify the log",
    cim: () => ["audit", "verify"],
    request: () => asks("audit", "verify", {}),
    load: () => import("./pages/audit/verify.tsx"),
  }),
  page("/audit/events/:aggregate/:id/:version", {
    section: "audit",
    title: ({ aggregate, id, version }) => `${aggregate}.${id}.${version}`,
    cim: ({ aggregate, id, version }) => ["audit", "show", `${aggregate}.${id}.${version}`],
    request: ({ aggregate, id, version }) => asks("audit", "event", { id: `${aggregate}.${id}.${version}` }),
    load: () => import("./pages/audit/event.tsx"),
  }),
  page("/audit/decisions/:id", {
    section: "audit",
    title: ({ id }) => `Story of ${id}`,
    cim: ({ id }) => ["audit", "show", id],
    request: ({ id }) => asks("audit", "decision", { proposal: id }),
    load: () => import("./pages/audit/decision.tsx"),
  }),
  page("/audit/documents/:aggregate/:id", {
    section: "audit",
    title: ({ aggregate, id }) => `History of ${aggregate} ${id}`,
    cim: ({ aggregate, id }) => ["audit", "log", "--newest", "--aggregate", aggregate, "--id", id],
    request: ({ aggregate, id }) => asks("audit", "trail", { aggregate, id, order: "newest", limit: 100 }),
    load: () => import("./pages/audit/document.tsx"),
  }),
];
