import type Sigma from "sigma";
import { NodeProgram, type ProgramInfo } from "sigma/rendering";
import type { NodeDisplayData, RenderParams } from "sigma/types";
import { floatColor } from "sigma/utils";

/** How a box or a node of the overview is drawn: sizes in the units of the layout as sigma has scaled it. */
export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** What it is filled with. */
  readonly color: string;
  readonly border: string;
}

const vertexShader = `
attribute vec4 a_color;
attribute vec4 a_border;
attribute vec2 a_position;
attribute vec2 a_extent;
attribute vec2 a_corner;
uniform mat3 u_matrix;
uniform vec2 u_window;
varying vec4 v_color;
varying vec4 v_border;
varying vec2 v_corner;
varying vec2 v_half;
const float bias = 255.0 / 254.0;

void main() {
  vec2 middle = (u_matrix * vec3(a_position, 1)).xy;
  vec2 extent = (u_matrix * vec3(a_extent * 0.5, 0)).xy;
  // However far away, it is not less than a point.
  v_half = max(abs(extent) * u_window * 0.5, 0.5);
  v_corner = a_corner;
  gl_Position = vec4(middle + a_corner * v_half * 2.0 / u_window, 0, 1);
  v_color = a_color;
  v_border = a_border;
  v_color.a *= bias;
  v_border.a *= bias;
}
`;

const fragmentShader = `
precision mediump float;
varying vec4 v_color;
varying vec4 v_border;
varying vec2 v_corner;
varying vec2 v_half;

void main() {
  vec2 inwards = v_half * (1.0 - abs(v_corner));
  float least = min(v_half.x, v_half.y);
  // What is too small for a border has some of its colour.
  gl_FragColor = least < 3.0 ? mix(v_color, v_border, 0.6) : min(inwards.x, inwards.y) < 1.0 ? v_border : v_color;
}
`;

const uniforms = ["u_matrix", "u_window"] as const;

/** Draws rectangles whose sizes are those of the layout: the library has circles of a size on the screen only. */
export class RectangleProgram extends NodeProgram<(typeof uniforms)[number]> {
  /** Without a buffer for picking: see `OverviewPicture`. */
  constructor(gl: WebGLRenderingContext, _: WebGLFramebuffer | null, renderer: Sigma) {
    super(gl, null, renderer);
  }

  getDefinition() {
    const { FLOAT, UNSIGNED_BYTE, TRIANGLE_STRIP } = WebGLRenderingContext;
    return {
      VERTICES: 4,
      VERTEX_SHADER_SOURCE: vertexShader,
      FRAGMENT_SHADER_SOURCE: fragmentShader,
      METHOD: TRIANGLE_STRIP,
      UNIFORMS: uniforms,
      ATTRIBUTES: [
        { name: "a_position", size: 2, type: FLOAT },
        { name: "a_extent", size: 2, type: FLOAT },
        { name: "a_color", size: 4, type: UNSIGNED_BYTE, normalized: true },
        { name: "a_border", size: 4, type: UNSIGNED_BYTE, normalized: true },
      ],
      CONSTANT_ATTRIBUTES: [{ name: "a_corner", size: 2, type: FLOAT }],
      CONSTANT_DATA: [
        [-1, -1],
        [1, -1],
        [-1, 1],
        [1, 1],
      ],
    };
  }

  override processVisibleItem(_: number, start: number, data: NodeDisplayData & Partial<Rectangle>): void {
    const { x, y, width = 0, height = 0, color, border = color } = data;
    this.array.set([x, y, width, height, floatColor(color), floatColor(border)], start);
  }

  override setUniforms({ matrix, width, height, pixelRatio }: RenderParams, program: ProgramInfo): void {
    const { gl, uniformLocations } = program;
    gl.uniformMatrix3fv(uniformLocations.u_matrix ?? null, false, matrix);
    gl.uniform2f(uniformLocations.u_window ?? null, width * pixelRatio, height * pixelRatio);
  }
}

const lineVertexShader = `
attribute vec4 a_color;
attribute vec2 a_position;
attribute vec2 a_extent;
attribute float a_end;
uniform mat3 u_matrix;
varying vec4 v_color;
const float bias = 255.0 / 254.0;

void main() {
  gl_Position = vec4((u_matrix * vec3(a_position + a_end * a_extent, 1)).xy, 0, 1);
  v_color = a_color;
  v_color.a *= bias;
}
`;

const lineFragmentShader = `
precision mediump float;
varying vec4 v_color;

void main() {
  gl_FragColor = v_color;
}
`;

/** Draws thin lines, from where something is to as far away as its width and height say. */
export class LineProgram extends NodeProgram<"u_matrix"> {
  /** Without a buffer for picking, as above. */
  constructor(gl: WebGLRenderingContext, _: WebGLFramebuffer | null, renderer: Sigma) {
    super(gl, null, renderer);
  }

  getDefinition() {
    const { FLOAT, UNSIGNED_BYTE, LINES } = WebGLRenderingContext;
    return {
      VERTICES: 2,
      VERTEX_SHADER_SOURCE: lineVertexShader,
      FRAGMENT_SHADER_SOURCE: lineFragmentShader,
      METHOD: LINES,
      UNIFORMS: ["u_matrix"] as const,
      ATTRIBUTES: [
        { name: "a_position", size: 2, type: FLOAT },
        { name: "a_extent", size: 2, type: FLOAT },
        { name: "a_color", size: 4, type: UNSIGNED_BYTE, normalized: true },
      ],
      CONSTANT_ATTRIBUTES: [{ name: "a_end", size: 1, type: FLOAT }],
      CONSTANT_DATA: [[0], [1]],
    };
  }

  override processVisibleItem(_: number, start: number, data: NodeDisplayData & Partial<Rectangle>): void {
    const { x, y, width = 0, height = 0, color } = data;
    this.array.set([x, y, width, height, floatColor(color)], start);
  }

  override setUniforms({ matrix }: RenderParams, { gl, uniformLocations }: ProgramInfo): void {
    gl.uniformMatrix3fv(uniformLocations.u_matrix ?? null, false, matrix);
  }
}
