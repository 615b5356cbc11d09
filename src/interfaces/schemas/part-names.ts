import { Schema, type SchemaAST } from "effect";
import * as agentCapability from "../../domain/agent/capability.ts";
import * as agent from "../../domain/agent/contract.ts";
import * as presence from "../../domain/agent/presence.ts";
import * as ballot from "../../domain/consensus/ballot.ts";
import * as proposal from "../../domain/consensus/contract.ts";
import * as electorate from "../../domain/consensus/electorate.ts";
import * as fraction from "../../domain/consensus/fraction.ts";
import * as policy from "../../domain/consensus/policy-document.ts";
import * as protocols from "../../domain/consensus/protocols.ts";
import * as quorum from "../../domain/consensus/quorum.ts";
import * as rules from "../../domain/consensus/rules.ts";
import * as proposalState from "../../domain/consensus/state.ts";
import * as tally from "../../domain/consensus/tally.ts";
import * as hostAccount from "../../domain/deployment/account/arrival.ts";
import * as decisionAccount from "../../domain/deployment/account/decision.ts";
import * as deploymentAccount from "../../domain/deployment/account/deployment.ts";
import * as deployment from "../../domain/deployment/contract.ts";
import * as review from "../../domain/deployment/review.ts";
import * as deploymentState from "../../domain/deployment/state.ts";
import * as steps from "../../domain/deployment/steps.ts";
import * as waves from "../../domain/deployment/waves.ts";
import * as dialogContext from "../../domain/dialog/context.ts";
import * as dialog from "../../domain/dialog/contract.ts";
import * as dialogState from "../../domain/dialog/state.ts";
import * as graph from "../../domain/graph/contract.ts";
import * as edge from "../../domain/graph/edge.ts";
import * as node from "../../domain/graph/node.ts";
import * as problem from "../../domain/graph/problem.ts";
import * as values from "../../domain/graph/values.ts";
import * as host from "../../domain/host/contract.ts";
import * as desired from "../../domain/host/desired.ts";
import * as drift from "../../domain/host/drift.ts";
import * as observed from "../../domain/host/observed.ts";
import * as kernel from "../../domain/kernel/mod.ts";
import * as space from "../../domain/knowledge/contract.ts";
import * as fact from "../../domain/knowledge/fact.ts";
import * as spacePolicy from "../../domain/knowledge/policy.ts";
import * as record from "../../domain/knowledge/record.ts";
import * as stamp from "../../domain/knowledge/stamp.ts";
import * as update from "../../domain/knowledge/update.ts";
import * as task from "../../domain/task/contract.ts";
import * as taskState from "../../domain/task/state.ts";

/** The modules that publish schemas. If two have the same name for different schemas, the later one gets its prefix. */
const modules: ReadonlyArray<readonly [prefix: string, exported: Readonly<Record<string, unknown>>]> = [
  ["", kernel],
  ["Agent", agentCapability],
  ["Agent", agent],
  ["Agent", presence],
  ["Task", task],
  ["Task", taskState],
  ["Dialog", dialogContext],
  ["Dialog", dialog],
  ["Dialog", dialogState],
  ["Vote", fraction],
  ["Vote", electorate],
  ["Vote", protocols],
  ["Vote", quorum],
  ["Vote", tally],
  ["Vote", rules],
  ["Vote", ballot],
  ["Vote", proposal],
  ["Vote", proposalState],
  ["Vote", policy],
  ["Graph", values],
  ["Graph", node],
  ["Graph", edge],
  ["Graph", problem],
  ["Graph", graph],
  ["Deployment", deployment],
  ["Deployment", waves],
  ["Deployment", steps],
  ["Deployment", review],
  ["Deployment", deploymentState],
  ["Deployment", hostAccount],
  ["Deployment", decisionAccount],
  ["Deployment", deploymentAccount],
  ["Host", desired],
  ["Host", host],
  ["Host", observed],
  ["Host", drift],
  ["Knowledge", stamp],
  ["Knowledge", fact],
  ["Knowledge", record],
  ["Knowledge", spacePolicy],
  ["Knowledge", update],
  ["Knowledge", space],
];

/**
 * The names of parts that several messages have in common: those under which the domain exports them.
 *
 * Names and not `identifier` annotations of the schemas themselves, because messages about wrong fields would then say
 * `Expected Priority` in place of `Expected "low" | "normal" | "high" | "critical"`.
 */
export const partNames: ReadonlyMap<SchemaAST.AST, string> = (() => {
  const names = new Map<SchemaAST.AST, string>();
  const taken = new Set<string>();
  for (const [prefix, exported] of modules)
    for (const [name, schema] of Object.entries(exported)) {
      if (!Schema.isSchema(schema) || names.has(schema.ast)) continue;
      const unique = taken.has(name) ? `${prefix}${name}` : name;
      taken.add(unique);
      names.set(schema.ast, unique);
    }
  return names;
})();
