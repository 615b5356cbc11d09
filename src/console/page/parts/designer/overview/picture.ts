import Graph from "graphology";
import { nodeKey } from "../../../../designer/draft.ts";
import type { Marks } from "../../../../designer/issues.ts";
import type { Box, Place, Spot } from "../../../../designer/layout.ts";
import { placeAt, type Scene } from "../../../../designer/scene.ts";
import { tones } from "../../../design/badge.tsx";
import { toneOfSeverity } from "../mark.tsx";
import { type Colours, coloursNow } from "./colours.ts";
import { MovingSigma } from "./moving-sigma.ts";
import { LineProgram, type Rectangle, RectangleProgram } from "./programs.ts";
import { drawWords, type Over, type Window } from "./words.ts";

/** What one does to the picture. */
export interface Deeds {
  readonly choose: (node: string, more: boolean) => void;
  readonly leave: () => void;
  readonly open: (place: Box | Spot) => void;
  readonly pointAt: (place: Box | Spot | undefined) => void;
}

/** What is shown of the draft beside its scene. */
export interface Shown {
  readonly marks: Marks;
  readonly selected: ReadonlySet<string>;
  readonly found: ReadonlySet<string>;
  readonly ties: ReadonlyArray<readonly [string, string]>;
}

const nameOf = (place: Box | Spot): string => ("node" in place ? place.node : (place.host ?? ""));

/**
 * Layers of the library that stay empty. A browser without a graphics card would copy each of them for each frame, so
 * lines are drawn in the layer of the nodes too.
 */
const unused = ["edges", "edgeLabels", "labels", "hovers", "hoverNodes"] as const;

/** As many are ringed at once. A wave of five thousand nodes that is selected is blue by its boxes. */
const mostRings = 2_000;

/** How near and how far one can go, as shares of the whole. */
const nearest = 0.004;
const farthest = 1.6;

/** The picture of a large graph, by WebGL. Throws if the browser has none. */
export class OverviewPicture {
  readonly #sigma: MovingSigma;
  readonly #words: CanvasRenderingContext2D | null;
  #scene: Scene;
  #places = new Map<string, Box | Spot>();
  #byName = new Map<string, Box | Spot>();
  #colours: Colours = coloursNow();
  #shown: Shown = { marks: new Map(), selected: new Set(), found: new Set(), ties: [] };

  constructor(container: HTMLElement, scene: Scene, deeds: Deeds) {
    this.#scene = scene;
    this.#sigma = new MovingSigma(["nodes", "words"], this.#graphOf(scene), container, {
      // In the order in which they are drawn, one over the other.
      nodeProgramClasses: { line: LineProgram, box: RectangleProgram, spot: RectangleProgram },
      defaultNodeType: "spot",
      renderLabels: false,
      enableCameraRotation: false,
      allowInvalidContainer: true,
      minCameraRatio: nearest,
      maxCameraRatio: farthest,
      stagePadding: 24,
    });
    const canvases = this.#sigma.getCanvases();
    for (const name of unused) canvases[name]?.style.setProperty("display", "none");
    this.#words = canvases.words?.getContext("2d") ?? null;
    this.#bound(scene);
    this.#sigma.on("afterRender", () => this.#drawOver());
    this.#listen(deeds);
  }

  /**
   * The library would find out what is under the pointer by drawing everything once more in colours that are numbers, and
   * waiting for the graphics card. The layout knows it by two comparisons.
   */
  #listen({ choose, leave, open, pointAt }: Deeds): void {
    const at = ({ x, y }: { readonly x: number; readonly y: number }): Box | Spot | undefined => {
      const { zoom, left, top } = this.#window();
      return placeAt(this.#scene, (x - left) / zoom, (y - top) / zoom);
    };
    const [mouse, touch] = [this.#sigma.getMouseCaptor(), this.#sigma.getTouchCaptor()];
    mouse.removeAllListeners();
    touch.removeAllListeners();
    mouse.on("click", (event) => {
      const place = at(event);
      const { ctrlKey, metaKey, shiftKey } = event.original;
      if (place === undefined) leave();
      else choose(nameOf(place), ctrlKey || metaKey || shiftKey);
    });
    mouse.on("doubleClick", (event) => {
      event.preventSigmaDefault();
      const place = at(event);
      if (place !== undefined) open(place);
    });
    mouse.on("mousemove", (event) => pointAt(at(event)));
    mouse.on("mouseleave", () => pointAt(undefined));
    touch.on("tap", ({ touches: [finger] }) => {
      const place = finger && at(finger);
      if (place !== undefined) choose(nameOf(place), false);
    });
  }

  /** Shows another scene, where one is looking. */
  setScene(scene: Scene): void {
    if (scene === this.#scene) return;
    this.#scene = scene;
    this.#bound(scene);
    this.#sigma.setGraph(this.#graphOf(scene));
  }

  /** Shows other marks, another selection, what was found. */
  setShown(shown: Shown): void {
    const isRepainted = shown.marks !== this.#shown.marks || shown.found !== this.#shown.found;
    this.#shown = shown;
    if (isRepainted) this.#repaint();
    // What has been moved is drawn again in a moment.
    else if (!this.#sigma.isMoved) this.#drawOver();
  }

  /** Shows it in the colours of another theme. */
  setTheme(): void {
    this.#colours = coloursNow();
    this.#sigma.setGraph(this.#graphOf(this.#scene));
  }

  /** Goes nearer, or farther. */
  zoom(factor: number): void {
    const camera = this.#sigma.getCamera();
    const { ratio } = camera.getState();
    camera.setState({ ratio: Math.min(farthest, Math.max(nearest, ratio / factor)) });
  }

  showAll(): void {
    this.#sigma.getCamera().setState({ x: 0.5, y: 0.5, ratio: 1 });
  }

  /** Brings a place into sight, near enough to be read. */
  lookAt(name: string): void {
    const place = this.#byName.get(name);
    if (place === undefined) return;
    const { zoom, left, top, width, height } = this.#window();
    const [x, y] = [(place.x + place.width / 2) * zoom + left, (place.y + place.height / 2) * zoom + top];
    if (x > 0 && y > 0 && x < width && y < height) return;
    const camera = this.#sigma.getCamera();
    camera.setState(this.#sigma.viewportToFramedGraph({ x, y }));
  }

  /** Where a node or a host is in the layout; where the window looks at without a name. */
  placeOf(name: string | undefined): Place | undefined {
    return this.#byName.get(name ?? "") ?? this.#scene.layout.spots[0] ?? this.#scene.layout.boxes[0];
  }

  close(): void {
    this.#sigma.kill();
  }

  /** Sizes are those of the layout, in shares of its longer side: so does sigma scale what it draws. */
  #graphOf(scene: Scene): Graph {
    const { layout, lines, width, height } = scene;
    const whole = Math.max(width, height);
    const graph = new Graph();
    this.#places = new Map();
    this.#byName = new Map();
    const middle = ({ x, y, width: wide, height: high }: Place) =>
      [(x + wide / 2) / whole, -(y + high / 2) / whole] as const;
    const add = (key: string, type: "box" | "spot", place: Box | Spot) => {
      this.#places.set(key, place);
      const name = nameOf(place);
      if (!("node" in place) || place.isFirst || !this.#byName.has(name)) this.#byName.set(name, place);
      const [x, y] = middle(place);
      graph.addNode(key, {
        type,
        x,
        y,
        size: 1,
        width: place.width / whole,
        height: place.height / whole,
        ...this.#paintOf(place),
      });
    };
    for (const [index, box] of layout.boxes.entries()) add(`b${index}`, "box", box);
    for (const [index, spot] of layout.spots.entries()) add(`s${index}`, "spot", spot);
    for (const [index, { one, other }] of lines.entries()) {
      const [begin, end] = [layout.boxes[one], layout.boxes[other]];
      if (begin === undefined || end === undefined) continue;
      const [[x, y], [toX, toY]] = [middle(begin), middle(end)];
      graph.addNode(`l${index}`, {
        type: "line",
        x,
        y,
        size: 1,
        width: toX - x,
        height: toY - y,
        color: this.#colours.line,
      });
    }
    return graph;
  }

  #bound({ width, height }: Scene): void {
    const whole = Math.max(width, height);
    this.#sigma.setCustomBBox({ x: [0, width / whole], y: [-height / whole, 0] });
  }

  #paintOf(place: Box | Spot): Pick<Rectangle, "color" | "border"> {
    const { surface, sunken, line, edge, accent, warn, bad } = this.#colours;
    const name = nameOf(place);
    const severity = this.#shown.marks.get(nodeKey(name));
    const tone = severity === undefined ? undefined : toneOfSeverity[severity];
    const marked = tone === "bad" ? bad : tone === "warn" ? warn : undefined;
    if (this.#shown.found.has(name)) return { color: surface, border: accent };
    if ("node" in place) return { color: surface, border: marked ?? edge };
    return { color: sunken, border: marked ?? line };
  }

  #repaint(): void {
    const graph = this.#sigma.getGraph();
    for (const [key, place] of this.#places) {
      const { color, border } = this.#paintOf(place);
      const before = graph.getNodeAttributes(key);
      if (before.color !== color || before.border !== border) graph.mergeNodeAttributes(key, { color, border });
    }
    this.#sigma.scheduleRender();
  }

  /** How the layout lies in the window now. */
  #window(): Window {
    const { width: layoutWidth, height: layoutHeight } = this.#scene;
    const whole = Math.max(layoutWidth, layoutHeight);
    const { x: left, y: top } = this.#sigma.graphToViewport({ x: 0, y: 0 });
    const { x: right } = this.#sigma.graphToViewport({ x: 1, y: 0 });
    return { zoom: (right - left) / whole, left, top, ...this.#sigma.getDimensions() };
  }

  #drawOver(): void {
    if (this.#words === null) return;
    const window = this.#window();
    const { canvas } = this.#words;
    const [wide, high] = [window.width * devicePixelRatio, window.height * devicePixelRatio].map(Math.round);
    if (canvas.width !== wide) canvas.width = wide ?? 0;
    if (canvas.height !== high) canvas.height = high ?? 0;
    this.#words.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    drawWords(this.#words, window, this.#over(), this.#colours);
  }

  #over(): Over {
    const { marks, selected, ties } = this.#shown;
    const placesOf = (name: string) => this.#byName.get(name) ?? [];
    return {
      scene: this.#scene,
      rings: [...selected].slice(0, mostRings).flatMap(placesOf),
      ties: ties.flatMap(([one, other]) => {
        const [begin, end] = [this.#byName.get(one), this.#byName.get(other)];
        return begin === undefined || end === undefined ? [] : [[begin, end] as const];
      }),
      signOf: (place) => {
        const severity = marks.get(nodeKey(nameOf(place)));
        return severity === undefined || severity === "note" ? "" : `${tones[toneOfSeverity[severity]]} `;
      },
    };
  }
}
