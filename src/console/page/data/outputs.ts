import { useSyncExternalStore } from "react";
import type { Output } from "../../client/mod.ts";
import { store } from "./client.ts";
import { useFollow } from "./follow.ts";

/** What programs of a deployment print, while it is shown and `isLive`. Anybody may have sent it: see `agent`. */
export const useOutputs = (deployment: string, isLive: boolean): ReadonlyArray<Output> => {
  useFollow(...(isLive ? [`output/${deployment}`] : []));
  return useSyncExternalStore(store.subscribe, () => store.outputs(deployment));
};
