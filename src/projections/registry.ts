import type { ViewName } from "../contract/views/mod.ts";
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
import type { View } from "./view.ts";

const byName = {
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
} satisfies { readonly [V in ViewName]: View<V> };

/** Every view of the backend. */
export const views: ReadonlyArray<View> = Object.values(byName);
