import { visible } from "../../../../../domain/kernel/visible.ts";
import { type Box, headHeight, type Spot } from "../../../../designer/layout.ts";
import type { Scene } from "../../../../designer/scene.ts";
import { counted } from "../../../design/counted.ts";
import type { Colours } from "./colours.ts";

/** How the layout lies in the window: a place `x` of it is at `x * zoom + left`. */
export interface Window {
  readonly zoom: number;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** What is drawn over the rectangles. */
export interface Over {
  readonly scene: Scene;
  /** Nodes and hosts that are selected, and those at the other ends of their edges. */
  readonly rings: ReadonlyArray<Box | Spot>;
  readonly ties: ReadonlyArray<readonly [Box | Spot, Box | Spot]>;
  readonly signOf: (place: Box | Spot) => string;
}

/** The height of letters, and the width that one takes at most: measuring each text would cost more than drawing it. */
const size = 11;
const letter = 6.4;
/** What is narrower has no name yet: one goes nearer. */
const leastWidth = 42;

/** As much of a text as fits. */
const fitted = (text: string, width: number): string => {
  const most = Math.floor(width / letter);
  const shown = visible(text.length > most * 2 ? text.slice(0, most * 2) : text);
  return shown.length <= most ? shown : `${shown.slice(0, Math.max(1, most - 1))}…`;
};

/** Draws names, headings of waves, and what is selected, as far as they are in the window and large enough to be read. */
export const drawWords = (context: CanvasRenderingContext2D, window: Window, over: Over, colours: Colours): void => {
  const { zoom, left, top, width, height } = window;
  const { layout, spans, spotsOf } = over.scene;
  const onScreen = (place: Box | Spot) => ({
    x: place.x * zoom + left,
    y: place.y * zoom + top,
    width: place.width * zoom,
    height: place.height * zoom,
  });
  context.clearRect(0, 0, width, height);
  context.font = `${size}px ${colours.font}`;
  context.textBaseline = "top";

  const write = (text: string, x: number, y: number, most: number, colour: string, ground?: string) => {
    const said = fitted(text, most);
    if (ground !== undefined) {
      context.fillStyle = ground;
      context.fillRect(x - 3, y - 2, said.length * letter + 6, size + 4);
    }
    context.fillStyle = colour;
    context.fillText(said, x, y);
  };
  for (const [index, box] of layout.boxes.entries()) {
    const { x, y, width: wide, height: high } = onScreen(box);
    if (x > width || y > height || x + wide < 0 || y + high < 0 || wide < leastWidth) continue;
    const name = `${over.signOf(box)}${box.host ?? "on no host"}`;
    // From farther away, the name of a host lies over its first nodes.
    const isAbove = headHeight * zoom >= size + 4;
    if (high >= size + 4) write(name, x + 5, y + 3, wide - 10, colours.text, isAbove ? undefined : colours.sunken);
    for (const spot of spotsOf[index] ?? []) {
      const place = onScreen(spot);
      if (place.width < leastWidth || place.height < size + 2 || place.x > width || place.y > height) continue;
      if (place.x + place.width < 0 || place.y + place.height < 0) continue;
      const below = (place.height - size) / 2;
      write(`${over.signOf(spot)}${spot.node}`, place.x + 4, place.y + below, place.width - 8, colours.text);
    }
  }
  for (const { wave, hosts, left: from, right } of spans) {
    const wide = (right - from) * zoom;
    if (wide < leastWidth) continue;
    const said = wave === undefined ? "on no host" : `wave ${wave} · ${counted(hosts, "host")}`;
    write(said, Math.max(from * zoom + left, 6), Math.max(4, top - size - 8), wide, colours.muted, colours.surface);
  }

  context.strokeStyle = colours.accent;
  context.lineWidth = 1.5;
  context.beginPath();
  for (const [one, other] of over.ties) {
    const [begin, end] = [onScreen(one), onScreen(other)];
    context.moveTo(begin.x + begin.width / 2, begin.y + begin.height / 2);
    context.lineTo(end.x + end.width / 2, end.y + end.height / 2);
  }
  context.stroke();
  context.lineWidth = 2;
  for (const ring of over.rings) {
    const place = onScreen(ring);
    // From far away, what is selected is a ring that one can see.
    const more = Math.max(1, 5 - Math.min(place.width, place.height) / 2);
    context.strokeRect(place.x - more, place.y - more, place.width + 2 * more, place.height + 2 * more);
  }
};
