import Sigma from "sigma";
import type { CameraState, CoordinateConversionOverride, Coordinates } from "sigma/types";

/** Milliseconds that a frame has room for. What takes longer to draw is not drawn for each. */
const quick = 8;
/** While one moves about, at most a tenth of the time goes into drawing. */
const rest = 10;
/** Milliseconds without a move after which the picture is drawn again at once. */
const pause = 120;
/** Milliseconds between two looks at how long it takes to draw. */
const looksEvery = 3_000;

/** What is asked without a camera is asked about where the camera looks now. */
const fromNow = (sigma: Sigma, given: CoordinateConversionOverride): CoordinateConversionOverride =>
  given.matrix === undefined && given.cameraState === undefined
    ? { ...given, cameraState: sigma.getCamera().getState() }
    : given;

/**
 * A picture that moves as fast as the browser can move an image. To draw ten thousand nodes takes a graphics card a
 * millisecond, and a machine without one a tenth of a second. So the last picture is moved and scaled at once, as maps do,
 * and is drawn again as often as the machine can.
 */
export class MovingSigma extends Sigma {
  /** The layers that move. The others take what the mouse does. */
  readonly #layers: ReadonlyArray<HTMLCanvasElement>;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #drawn: CameraState | undefined;
  #drawnAt = 0;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #cost = 0;

  /** `layers` are the names of what moves: layers of the library, and those that are made here, before its mouse. */
  constructor(layers: ReadonlyArray<string>, ...options: ConstructorParameters<typeof Sigma>) {
    super(...options);
    for (const name of layers) if (!(name in this.getCanvases())) this.createCanvas(name, { beforeLayer: "mouse" });
    const canvases = this.getCanvases();
    this.#layers = layers.flatMap((name) => canvases[name] ?? []);
    this.on("beforeRender", () => this.#begin());
    this.on("afterRender", () => this.#look());
  }

  /** Whether the picture has been moved and not been drawn again since. */
  get isMoved(): boolean {
    return this.#timer !== undefined;
  }

  override scheduleRender(): this {
    // The library calls it before this class is set up.
    if (!(#layers in this)) return super.scheduleRender();
    if (this.#cost < quick) return super.scheduleRender();
    this.#move();
    const now = performance.now();
    const due = Math.min(this.#drawnAt + rest * this.#cost, now + pause);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => super.scheduleRender(), due - now);
    return this;
  }

  override kill(): void {
    if (#layers in this) clearTimeout(this.#timer);
    super.kill();
  }

  // The library answers for where one looked when the picture was drawn.
  override framedGraphToViewport(place: Coordinates, given: CoordinateConversionOverride = {}): Coordinates {
    return super.framedGraphToViewport(place, fromNow(this, given));
  }

  override viewportToFramedGraph(place: Coordinates, given: CoordinateConversionOverride = {}): Coordinates {
    return super.viewportToFramedGraph(place, fromNow(this, given));
  }

  #begin(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const { style } of this.#layers) style.transform = "";
    this.#drawn = this.getCamera().getState();
    this.#drawnAt = performance.now();
  }

  /** Moves the last picture to where the camera looks now. */
  #move(): void {
    if (this.#drawn === undefined) return;
    const [origin, right] = [
      { x: 0, y: 0 },
      { x: 1, y: 0 },
    ] as const;
    const then = { cameraState: this.#drawn };
    const [from, to] = [this.framedGraphToViewport(origin, then), this.framedGraphToViewport(origin)];
    const scale = (this.framedGraphToViewport(right).x - to.x) / (this.framedGraphToViewport(right, then).x - from.x);
    const transform = `translate(${to.x - scale * from.x}px, ${to.y - scale * from.y}px) scale(${scale})`;
    for (const { style } of this.#layers) style.transform = transform;
  }

  /** Waits for what was drawn, which the browser does behind our back, and notes how long it took. */
  #look(): void {
    if (this.#drawnAt - this.#lookedAt < looksEvery) return;
    const gl = this.getCanvases().nodes?.getContext("webgl2");
    gl?.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(4));
    this.#lookedAt = performance.now();
    this.#cost = this.#lookedAt - this.#drawnAt;
  }
}
