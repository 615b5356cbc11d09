import type { HostAspect } from "../../node-kind.ts";
import { exporterOptions } from "./options.ts";
import { type Exporters, exporterPaths, specifyExporters } from "./specification.ts";

/** The exporters of a host that something monitors, and the sender of its logs. */
export const exporters: HostAspect<Exporters> = {
  specify: specifyExporters,
  paths: exporterPaths,
  options: exporterOptions,
};
