import type { Command } from "commander";
import { replicaCount } from "../settings.ts";

/** Where a command finds the log. */
export interface StoreOptions {
  readonly store?: string;
  /** Of what is made. */
  readonly replicas?: number;
}

export const addStoreOption = (command: Command): Command =>
  command.option("--store <folder>", "the folder of data of an installation that is not running, instead of --nats");

/** Adds the options of what is made in an empty store. */
export const addMakingOptions = (command: Command): Command =>
  addStoreOption(command).option(
    "--replicas <number>",
    "on how many servers of a cluster it is kept: 1, 3 or 5 (default: 1)",
    replicaCount,
  );
