// The eye, painted by its shader: uv.x is the angle from the optical axis over 180 degrees, uv.y the azimuth. The
// iris has depth, the sclera darkens under the lid, and two catch-lights stay where the lights are.

import { MeshPhysicalMaterial } from "three";
import type { Uniforms } from "./shading";

const PAINT = /* glsl */ `
  float angle = vUv.x * 180.0;
  float azimuth = vUv.y * 6.2831853;
  float soft = fwidth(angle) * 1.2 + 0.35;
  vec2 disc = vec2(cos(azimuth), sin(azimuth)) * angle / 33.0;
  vec3 sclera = mix(vec3(0.97, 0.96, 0.95), vec3(0.84, 0.74, 0.72), smoothstep(48.0, 85.0, angle));
  float fibre = 0.5 + 0.25 * sin(azimuth * 23.0) + 0.25 * sin(azimuth * 41.0 + 1.7);
  float r = angle / 33.0;
  float edge = uPupil / 33.0;
  vec3 iris = uIris * mix(0.55, 1.0, smoothstep(edge - 0.06, 0.75, r));
  iris *= mix(1.0, 0.82 + 0.36 * fibre, 0.55 * smoothstep(edge, 0.6, r) * (1.0 - smoothstep(0.8, 0.95, r)));
  iris = mix(iris, iris * 2.1 + uIris * 0.25,
    smoothstep(0.25, -1.0, disc.y) * smoothstep(edge, 0.72, r) * (1.0 - smoothstep(0.78, 0.98, r)) * 0.9);
  iris *= mix(1.0, 0.5, smoothstep(-0.1, 0.95, disc.y));
  iris *= mix(1.0, 0.26, smoothstep(0.76, 1.0, r));
  vec3 eye = mix(vec3(0.012, 0.010, 0.012), iris, smoothstep(uPupil - soft, uPupil + soft, angle));
  eye = mix(eye, sclera, smoothstep(32.5 - soft, 34.5 + soft, angle));
  float lidShade = mix(0.42, 1.0, smoothstep(0.66, 0.12, vSocket.y)) * mix(0.72, 1.0, smoothstep(0.8, 0.45, abs(vSocket.x)));
  diffuseColor.rgb = eye * lidShade;`;

const CATCH_LIGHTS = /* glsl */ `
  vec3 facing = normalize(vNormal);
  float key = smoothstep(0.9895, 0.9925, dot(facing, normalize(vec3(-0.24, 0.27, 0.93))));
  float fill = smoothstep(0.9965, 0.9990, dot(facing, normalize(vec3(0.23, -0.20, 0.95))));
  outgoingLight += vec3(1.0, 0.98, 0.95) * (key * 1.6 + fill * 0.45) * mix(1.0, 0.22, smoothstep(33.0, 42.0, vUv.x * 180.0));
  #include <opaque_fragment>`;

/** One material for both eyes: the lid's shadow is found from the eyeball's turn within its parent. */
export function eyeMaterial(u: Uniforms): MeshPhysicalMaterial {
  const m = new MeshPhysicalMaterial({
    name: "eye",
    roughness: 0.25,
    clearcoat: 1,
    clearcoatRoughness: 0.03,
    specularIntensity: 0.3,
  });
  m.defines = { ...m.defines, USE_UV: "" };
  m.onBeforeCompile = (shader) => {
    shader.uniforms.uIris = u.iris;
    shader.uniforms.uPupil = u.pupil;
    shader.uniforms.uHead = u.head;
    shader.vertexShader = shader.vertexShader
      .replace("#include <common>", "#include <common>\nuniform mat3 uHead; varying vec3 vSocket;")
      .replace(
        "#include <begin_vertex>",
        "#include <begin_vertex>\nvSocket = normalize(uHead * mat3(modelMatrix) * position);",
      );
    shader.fragmentShader = shader.fragmentShader
      .replace(
        "#include <common>",
        "#include <common>\nuniform vec3 uIris; uniform float uPupil; varying vec3 vSocket;",
      )
      .replace("#include <color_fragment>", PAINT)
      .replace("#include <opaque_fragment>", CATCH_LIGHTS);
  };
  m.customProgramCacheKey = () => "eye";
  return m;
}
