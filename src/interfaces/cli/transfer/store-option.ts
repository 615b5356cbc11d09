import type { Command } from "commander";

/** Where a command finds the log. */
export interface StoreOptions {
  readonly store?: string;
}

export const addStoreOption = (command: Command): Command =>
  command.option("--store <folder>", "the folder of data of an installation that is not running, instead of --nats");
