import { BufferImageSource, Container, GlProgram, Mesh, MeshGeometry, Shader } from "pixi.js";
import type { DrawableGrid, GridLayer } from "./grid-layer.ts";
import { GRID_FRAGMENT_SHADER, GRID_VERTEX_SHADER } from "./grid-shader.ts";
import { GridTexture } from "./grid-texture.ts";
import type { Palette } from "./palette.ts";
import { paletteToRgba } from "./palette.ts";

/** Draws a grid with WebGL 2: a texture of cell values, coloured through a palette texture. */
export class GridMesh implements GridLayer {
  readonly view = new Container();
  readonly #paletteSource: BufferImageSource;
  #texture: GridTexture | undefined;
  #mesh: Mesh<MeshGeometry, Shader> | undefined;

  constructor(palette: Palette) {
    this.#paletteSource = new BufferImageSource({
      resource: paletteToRgba(palette),
      width: 256,
      height: 1,
      format: "rgba8unorm",
      alphaMode: "no-premultiply-alpha",
      scaleMode: "nearest",
      autoGarbageCollect: false,
    });
  }

  isShowing(grid: DrawableGrid): boolean {
    return this.#texture?.reads(grid) ?? false;
  }

  show(grid: DrawableGrid): void {
    this.#removeMesh();
    // A grid has no cells until its first full state.
    if (grid.width === 0 || grid.height === 0) return;
    this.#texture = new GridTexture(grid);
    this.#mesh = new Mesh({
      geometry: rectangle(grid.width, grid.height),
      shader: new Shader({
        glProgram: GlProgram.from({
          vertex: GRID_VERTEX_SHADER,
          fragment: GRID_FRAGMENT_SHADER,
          name: "atrium-grid",
        }),
        resources: { uCells: this.#texture.source, uPalette: this.#paletteSource },
      }),
    });
    this.view.addChild(this.#mesh);
  }

  update(start: number, end: number): void {
    this.#texture?.upload(start, end);
  }

  destroy(): void {
    this.#removeMesh();
    this.#paletteSource.destroy();
    this.view.destroy();
  }

  #removeMesh(): void {
    const mesh = this.#mesh;
    if (mesh) {
      const { geometry, shader } = mesh;
      mesh.destroy();
      geometry.destroy(true);
      shader?.destroy();
    }
    this.#texture?.destroy();
    this.#mesh = undefined;
    this.#texture = undefined;
  }
}

function rectangle(width: number, height: number): MeshGeometry {
  return new MeshGeometry({
    positions: new Float32Array([0, 0, width, 0, width, height, 0, height]),
    indices: new Uint32Array([0, 1, 2, 0, 2, 3]),
  });
}
