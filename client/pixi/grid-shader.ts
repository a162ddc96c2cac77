/**
 * Cells are fetched by their integer place, never filtered: nearest neighbour without
 * rounding. When several cells share a pixel, the pixel is their mean, so that a single
 * painted cell does not vanish from a board seen from far away.
 *
 * The first line must be the version: pixi compiles anything else as GLSL 1.
 */
export const GRID_VERTEX_SHADER = `#version 300 es
in vec2 aPosition;
out vec2 vCell;
uniform mat3 uProjectionMatrix;
uniform mat3 uWorldTransformMatrix;
uniform mat3 uTransformMatrix;
void main() {
  mat3 transform = uProjectionMatrix * uWorldTransformMatrix * uTransformMatrix;
  gl_Position = vec4((transform * vec3(aPosition, 1.0)).xy, 0.0, 1.0);
  vCell = aPosition;
}`;

export const GRID_FRAGMENT_SHADER = `#version 300 es
precision highp float;
precision highp int;
in vec2 vCell;
out vec4 finalColor;
uniform sampler2D uCells;
uniform sampler2D uPalette;

vec4 colorAt(vec2 place) {
  ivec2 cell = clamp(ivec2(floor(place)), ivec2(0), textureSize(uCells, 0) - 1);
  int value = int(texelFetch(uCells, cell, 0).r * 255.0 + 0.5);
  return texelFetch(uPalette, ivec2(value, 0), 0);
}

void main() {
  vec2 cellsPerPixel = fwidth(vCell);
  int samples = int(clamp(ceil(max(cellsPerPixel.x, cellsPerPixel.y) - 0.01), 1.0, 4.0));
  if (samples == 1) {
    finalColor = colorAt(vCell);
    return;
  }
  vec4 sum = vec4(0.0);
  for (int y = 0; y < samples; y++) {
    for (int x = 0; x < samples; x++) {
      vec2 offset = (vec2(x, y) + 0.5) / float(samples) - 0.5;
      sum += colorAt(vCell + offset * cellsPerPixel);
    }
  }
  finalColor = sum / float(samples * samples);
}`;
