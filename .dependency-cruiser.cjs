/**
 * The import table of docs/architecture.md, as rules. What a rule does not name may be imported.
 * `tests/unit/architecture.test.ts` runs them, and shows that they find a planted violation.
 */
const { readdirSync } = require("node:fs");
const { join } = require("node:path");

/** Every folder of the domain but the kernel, so that a new context has its boundaries by itself. */
const contexts = readdirSync(join(__dirname, "src/domain"))
  .filter((folder) => folder !== "kernel")
  .join("|");

/** What is run, or imported by others. One of these must reach every other file. */
const entries =
  "^src/(interfaces/cli/main|interfaces/schemas/write|agents/kit/mod|console/client/mod|console/page/main|console/page/data/domain[.]worker)[.]tsx?$";

/** Folders of src that each folder may not import. */
const forbid = (name, from, to, comment) => ({
  name,
  comment,
  severity: "error",
  from: { path: from },
  to: { path: to },
});

module.exports = {
  forbidden: [
    {
      name: "no-cycles",
      comment: "Circles of types count too: a specification lies below what renders it",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    { name: "resolvable", severity: "error", from: {}, to: { couldNotResolve: true } },
    forbid(
      "domain-is-the-innermost",
      "^src/domain",
      "^src/(contract|application|projections|infrastructure|interfaces|agents|console)",
      "The domain knows nothing of what is around it",
    ),
    {
      name: "domain-has-no-libraries",
      comment: "effect, graphology and yjs only: no I/O, no clock, no NATS in the domain",
      severity: "error",
      from: { path: "^src/domain" },
      to: {
        dependencyTypes: ["npm", "npm-dev", "npm-optional", "core"],
        pathNot: "node_modules/(effect|graphology|yjs)/",
      },
    },
    forbid("kernel-knows-no-context", "^src/domain/kernel", `^src/domain/(${contexts})`, "The kernel is generic"),
    {
      name: "kernel-imports-effect-only",
      severity: "error",
      from: { path: "^src/domain/kernel" },
      to: { dependencyTypes: ["npm"], pathNot: "node_modules/effect/" },
    },
    forbid(
      "contract-imports-domain",
      "^src/contract",
      "^src/(application|projections|infrastructure|interfaces|agents|console)",
      "What is published is described by the domain's schemas alone, so that any client can use it",
    ),
    {
      name: "contract-has-no-technology",
      comment: "A browser can load it: effect only",
      severity: "error",
      from: { path: "^src/contract" },
      to: { dependencyTypes: ["npm", "npm-dev", "npm-optional", "core"], pathNot: "node_modules/effect/" },
    },
    forbid(
      "application-imports-domain",
      "^src/application",
      "^src/(projections|infrastructure|interfaces|agents|console)",
      "Technology comes to the application through ports",
    ),
    {
      name: "contract-does-not-render",
      comment: "Whoever loads the contract, such as an agent with the kit, does not load what makes flakes.",
      severity: "error",
      from: { path: "^src/contract/" },
      to: { path: "^src/domain/nix/", reachable: true },
    },
    {
      name: "application-has-no-technology",
      severity: "error",
      from: { path: "^src/application" },
      to: { dependencyTypes: ["npm", "npm-dev", "npm-optional", "core"], pathNot: "node_modules/effect/" },
    },
    forbid(
      "projections-import-domain",
      "^src/projections",
      "^src/(application|infrastructure|interfaces|agents|console)",
      "A view is a pure function of events",
    ),
    forbid(
      "infrastructure-is-behind-ports",
      "^src/infrastructure",
      "^src/(projections|interfaces|agents|console)",
      "Adapters know ports only",
    ),
    {
      name: "agents-speak-the-contract",
      comment:
        "An agent could be anyone's: it has the contract's schemas and NATS, and the text index that backends have too",
      severity: "error",
      from: { path: "^src/agents" },
      to: {
        path: "^src/(application|projections|infrastructure|interfaces|console)",
        pathNot: "^src/infrastructure/minisearch/text-index[.]ts$",
      },
    },
    forbid(
      "agents-read-graphs-by-their-index",
      "^src/agents",
      "^src/domain/nix",
      "Whoever walks a graph asks domain/graph/graph-index.ts; domain/nix only renders",
    ),
    {
      name: "console-speaks-the-contract",
      comment: "A page has what the contract publishes, the pure domain, and the pure rules of the reviewers",
      severity: "error",
      from: { path: "^src/console" },
      to: {
        path: "^src/(application|projections|infrastructure|interfaces|agents)",
        pathNot: "^src/agents/reviewers/(architecture|capacity|continuity|security|rule|remedies)[.]ts$",
      },
    },
    {
      name: "console-runs-in-browsers",
      comment: "Nothing of Node",
      severity: "error",
      from: { path: "^src/console" },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "page-libraries-stay-there",
      severity: "error",
      from: { path: "^src", pathNot: "^src/console/page" },
      to: {
        path: "node_modules/(react|react-dom|wouter|@base-ui|@tanstack|@xyflow|sigma|@codemirror)/",
      },
    },
    {
      name: "pages-are-loaded-when-opened",
      comment: "What is loaded first stays small: the registry imports pages by `import()`",
      severity: "error",
      from: { path: "^src/console/page", pathNot: "^src/console/page/pages/" },
      to: { path: "^src/console/page/pages/", dynamic: false },
    },
    {
      name: "pages-do-not-know-each-other",
      comment: "What two pages need is in design, data or parts",
      severity: "error",
      from: { path: "^src/console/page/pages/([^/]+)/" },
      to: { path: "^src/console/page/pages/", pathNot: "^src/console/page/pages/$1/" },
    },
    {
      name: "heavy-libraries-are-loaded-when-needed",
      comment: "Only a page, or a part that pages import by `import()`, has them",
      severity: "error",
      from: { path: "^src/console/page", pathNot: "^src/console/page/(pages|parts)/" },
      to: { path: "node_modules/(@xyflow|sigma|graphology|@codemirror|yjs)/" },
    },
    {
      name: "http-is-a-client",
      comment: "The HTTP port could be anyone's: it has the contract, the kit and the kernel, and no way around NATS",
      severity: "error",
      from: { path: "^src/interfaces/http" },
      to: {
        path: "^src",
        pathNot: "^src/(interfaces/http|contract|agents/kit|domain/kernel)/",
      },
    },
    {
      name: "http-libraries-stay-there",
      severity: "error",
      from: { path: "^src", pathNot: "^src/interfaces/http" },
      to: { path: "node_modules/(hono|@hono)/" },
    },
    {
      name: "everything-is-used",
      comment:
        "No program reaches the file: a registry forgets it. Only tests use the ports in memory, and pages choose from the components of the design",
      severity: "error",
      from: { path: entries },
      to: {
        path: "^src",
        pathNot: [entries, "^src/infrastructure/memory", "^src/console/page/(design|data)/", "[.]d[.]ts$"],
        reachable: false,
      },
    },
    forbid("src-is-not-tests", "^src", "^(tests|benchmarks)", "Tests depend on the code, not the other way round"),
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: "specify",
    parser: "swc",
    enhancedResolveOptions: {
      extensions: [".ts", ".tsx", ".js"],
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default"],
    },
  },
};
