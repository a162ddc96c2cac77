import type { Renderer, WebGLRenderer } from "pixi.js";
import { autoDetectRenderer } from "pixi.js";

/** What draws: `webgl` is WebGL 2, `canvas` the browser's own 2D context. */
export type RendererKind = "webgl" | "canvas";

export interface PixiRenderer {
  readonly kind: RendererKind;
  readonly renderer: Renderer;
}

/**
 * A pixi renderer that draws when it is told to and never by itself: with WebGL 2 where the
 * browser has it, else with a 2D canvas.
 */
export async function createPixiRenderer(kind: RendererKind): Promise<PixiRenderer> {
  if (kind === "webgl") {
    const renderer = await createWebGlRenderer();
    if (renderer) return { kind, renderer };
  }
  return { kind: "canvas", renderer: await createRenderer("canvas") };
}

async function createWebGlRenderer(): Promise<Renderer | undefined> {
  let renderer: Renderer;
  try {
    renderer = await createRenderer("webgl");
  } catch {
    // A blocked or exhausted graphics card is what the canvas is there for.
    return undefined;
  }
  if ("gl" in renderer && renderer.context.webGLVersion === 2) {
    alignRowsToBytes(renderer);
    return renderer;
  }
  renderer.destroy();
  return undefined;
}

async function createRenderer(preference: RendererKind): Promise<Renderer> {
  const renderer = await autoDetectRenderer({
    preference: [preference],
    // Pixi's event, accessibility and DOM systems would each run in every frame.
    skipExtensionImports: true,
    backgroundAlpha: 0,
    antialias: false,
    autoDensity: true,
    gcActive: false,
  });
  // The scheduler serves the garbage collection just switched off, and wakes in every frame.
  renderer.scheduler.destroy();
  return renderer;
}

/** Rows of one byte a cell are as long as the grid is wide; WebGL expects multiples of four. */
function alignRowsToBytes(renderer: WebGLRenderer): void {
  setRowAlignment(renderer.gl);
  // A context that was lost comes back with its defaults.
  renderer.runners.contextChange.add({ contextChange: setRowAlignment });
}

function setRowAlignment(gl: WebGL2RenderingContext): void {
  gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
}
