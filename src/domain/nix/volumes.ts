import type { HostAspect } from "./host-aspect.ts";

export interface Volumes {
  readonly empty: true;
}

export const volumes: HostAspect<Volumes> = {
  specify: () => undefined,
  options: () => [],
};
