import type { HostAspect } from "./host-aspect.ts";

export interface Exporters {
  readonly empty: true;
}

export const exporters: HostAspect<Exporters> = {
  specify: () => undefined,
  options: () => [],
};
