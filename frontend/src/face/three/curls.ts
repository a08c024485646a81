// Curly hair is modelled as soft lumps; the coils in them are drawn here, as the ridges of a gyroid: a surface that
// winds evenly through space, needs no texture and no uv, and whose slope is known.

import type { Material } from "three";

type Shader = Parameters<Material["onBeforeCompile"]>[0];

/** Metres from one coil to the next. */
const PITCH = 0.0125;

/** `unit`: metres in one unit of the mesh's own space. */
export function coils(shader: Shader, unit: { value: number }): void {
  shader.uniforms.uUnit = unit;
  shader.vertexShader = shader.vertexShader
    .replace("#include <common>", "#include <common>\nuniform float uUnit; varying vec3 vCoil;")
    .replace(
      "#include <begin_vertex>",
      `#include <begin_vertex>\nvCoil = position * uUnit * ${((2 * Math.PI) / PITCH).toFixed(1)};`,
    );
  shader.fragmentShader = shader.fragmentShader
    .replace(
      "#include <common>",
      "#include <common>\nvarying vec3 vCoil; uniform mat3 normalMatrix; vec3 coil; float coilSeen;",
    )
    .replace(
      "#include <color_fragment>",
      `#include <color_fragment>
      // No two coils alike; and none where they would be finer than a pixel.
      coil = vCoil + 0.9 * sin(vCoil.yzx * 0.31) + 0.5 * sin(vCoil.zxy * 0.73);
      coilSeen = smoothstep(1.6, 0.5, length(fwidth(vCoil)));
      float ridge = sin(coil.x) * cos(coil.y) + sin(coil.y) * cos(coil.z) + sin(coil.z) * cos(coil.x);
      diffuseColor.rgb *= 1.0 + 0.22 * coilSeen * ridge;`,
    )
    .replace(
      "#include <normal_fragment_maps>",
      `#include <normal_fragment_maps>
      vec3 slope = normalMatrix * vec3(
        cos(coil.x) * cos(coil.y) - sin(coil.z) * sin(coil.x),
        cos(coil.y) * cos(coil.z) - sin(coil.x) * sin(coil.y),
        cos(coil.z) * cos(coil.x) - sin(coil.y) * sin(coil.z));
      slope = normalize(slope + 1e-4) * min(1.0, length(slope));
      normal = normalize(normal - 0.42 * coilSeen * (slope - dot(slope, normal) * normal));`,
    );
}
