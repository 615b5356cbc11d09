import type { Dialog } from "./state.ts";

/** Those a turn goes to where it addresses nobody: all participants but the speaker. */
export const broadcastRecipients = (dialog: Dialog, speaker: string): ReadonlyArray<string> =>
  dialog.participants.filter((participant) => participant !== speaker);

/** Those a turn addresses, each once, in the order they were named. */
export const addressedRecipients = (to: string | ReadonlyArray<string>): ReadonlyArray<string> => [
  ...new Set(typeof to === "string" ? [to] : to),
];
