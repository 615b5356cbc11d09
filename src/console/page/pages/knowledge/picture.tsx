import Graph from "graphology";
import { useEffect, useRef, useState } from "react";
import Sigma from "sigma";
import { visible } from "../../../../domain/kernel/visible.ts";
import type { FactGraph } from "../../../../domain/knowledge/network.ts";
import { useIsDark } from "../../frame/theme.ts";
import classes from "./knowledge.module.css";
import { rings } from "./layout.ts";

const short = (text: string): string => (text.length > 40 ? `${visible(text.slice(0, 40))}…` : visible(text));

/** The colours of the present theme. */
const colours = () => {
  const probe = document.createElement("span");
  document.body.append(probe);
  const of = (token: string) => {
    probe.style.color = `var(${token})`;
    return getComputedStyle(probe).color;
  };
  const found = { text: of("--text"), muted: of("--muted"), line: of("--edge"), accent: of("--accent") };
  probe.remove();
  return found;
};

const drawn = (entity: string, facts: FactGraph) => {
  const { text, muted, line, accent } = colours();
  const graph = new Graph({ type: "directed", multi: true, allowSelfLoops: true });
  for (const [key, { x, y, distance }] of rings(entity, facts))
    graph.addNode(key, {
      x,
      y,
      size: distance === 0 ? 12 : 7,
      label: short(key),
      color: distance === 0 ? accent : muted,
    });
  for (const { key, source, target, attributes } of facts.edges)
    graph.addDirectedEdgeWithKey(key, source, target, {
      label: short(attributes.predicate),
      size: 1 + 2 * attributes.confidence,
      color: line,
      type: "arrow",
    });
  return { graph, text };
};

/**
 * The picture of a neighbourhood, by WebGL. The list beside it holds the same for the keyboard and for screen readers, so
 * the picture itself is hidden from them.
 */
export const Picture = ({
  entity,
  facts,
  onOpen,
}: {
  readonly entity: string;
  readonly facts: FactGraph;
  readonly onOpen: (entity: string) => void;
}) => {
  const place = useRef<HTMLDivElement>(null);
  const open = useRef(onOpen);
  const [isBroken, setIsBroken] = useState(false);
  const isDark = useIsDark();
  useEffect(() => {
    open.current = onOpen;
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: the colours are those of the theme.
  useEffect(() => {
    if (place.current === null) return;
    const { graph, text } = drawn(entity, facts);
    try {
      const sigma = new Sigma(graph, place.current, {
        renderEdgeLabels: graph.size <= 60,
        labelColor: { color: text },
        edgeLabelColor: { color: text },
        labelSize: 12,
        edgeLabelSize: 11,
        labelRenderedSizeThreshold: graph.order <= 80 ? 0 : 8,
        defaultEdgeType: "arrow",
        allowInvalidContainer: true,
      });
      sigma.on("clickNode", ({ node }) => open.current(node));
      return () => sigma.kill();
    } catch {
      // A browser without WebGL: the list has everything.
      setIsBroken(true);
      return undefined;
    }
  }, [entity, facts, isDark]);
  if (isBroken) return <p className={classes.quiet}>This browser cannot draw the picture. The list has all of it.</p>;
  return <div ref={place} className={classes.canvas} aria-hidden="true" />;
};

export default Picture;
