import { useCallback, useMemo, useState } from "react";
import { useSearchParams } from "wouter";
import { defined } from "../../../../domain/kernel/mod.ts";
import type { Draft } from "../../../designer/draft.ts";
import { mostDrawn, type Region, regionFrom, regionText } from "../../../designer/region.ts";

/** How the middle of the designer shows the graph. */
export const views = ["overview", "canvas", "json"] as const;
export type View = (typeof views)[number];

/** What is shown, and what shows something else. It is part of the address, so that a link leads to it. */
export interface Shown {
  readonly view: View;
  /** The part of the graph that is on the canvas; undefined if all of it is. */
  readonly region: Region | undefined;
  readonly show: (view: View, region?: Region) => void;
  /** Whether the picture has the ways through the firewalls in place of the edges. */
  readonly hasFirewall: boolean;
  readonly toggleFirewall: () => void;
}

const firstWave: Region = { kind: "wave", wave: 1 };

/** A graph that is too large for the canvas opens as an overview, and shows a part of it on the canvas. */
export const useView = (draft: Draft): Shown => {
  const [parameters, setParameters] = useSearchParams();
  // A graph that grows while one draws it stays as one sees it.
  const [isLarge] = useState(() => draft.nodes.length > mostDrawn);
  const asked = views.find((name) => name === parameters.get("view"));
  const view = asked ?? (isLarge ? "overview" : "canvas");
  const text = parameters.get("part") ?? "";
  const part = useMemo(() => regionFrom(text), [text]);
  const show = useCallback(
    (next: View, region?: Region) =>
      setParameters((before) => {
        const { part: old, ...others } = Object.fromEntries(before);
        const wanted = region === undefined ? old : regionText(region);
        return defined({ ...others, view: next, part: wanted });
      }),
    [setParameters],
  );
  const hasFirewall = parameters.get("layer") === "firewall";
  const toggleFirewall = useCallback(
    () =>
      setParameters((before) => {
        const { layer, ...others } = Object.fromEntries(before);
        return layer === "firewall" ? others : { ...others, layer: "firewall" };
      }),
    [setParameters],
  );
  return { view, region: part ?? (isLarge ? firstWave : undefined), show, hasFirewall, toggleFirewall };
};
