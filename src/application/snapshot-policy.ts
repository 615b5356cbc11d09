import type { Aggregate } from "./aggregate.ts";
import type { Loaded } from "./history.ts";
import type { Snapshot } from "./ports/mod.ts";

/** A snapshot is taken after so many events, and again when a history has grown by a quarter: cost stays linear. */
const snapshotEvery = 500;

/** The snapshot to take of an aggregate now; undefined where the newest one is young enough. */
export const dueSnapshot = (aggregate: Aggregate<unknown>, loaded: Loaded): Snapshot | undefined => {
  const { version, position, lastCid, lastTime, snapshotVersion, commands, state } = loaded;
  if (lastCid === undefined || version - snapshotVersion < Math.max(snapshotEvery, snapshotVersion / 4))
    return undefined;
  return {
    stateVersion: aggregate.stateVersion,
    ...{ version, position, lastCid, lastTime },
    commands: Object.fromEntries(commands),
    state: aggregate.encodeState(state),
  };
};
