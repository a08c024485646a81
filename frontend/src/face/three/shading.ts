// The look of the built-in avatars. The models carry shape, tint and occlusion as vertex colours; base colours and
// light are decided here. Vertex colour alpha is not opacity but "light openness": creases and the mouth keep none.

import {
  Color,
  DoubleSide,
  type Material,
  Matrix3,
  MeshPhysicalMaterial,
  MeshStandardMaterial,
  ShaderChunk,
  Vector3,
  Vector4,
} from "three";
import { coils } from "./curls";
import { eyeMaterial } from "./eye";

/** The piece of three.js that wrapped light replaces; a test watches that it is still there. */
export const DIFFUSE = "reflectedLight.directDiffuse += irradiance";

export interface Palette {
  skin: string;
  hair: string;
  brows: string;
  eyes: string;
  clothes: string;
  trim?: string;
  /** Of glasses. */
  frame?: string;
}

/** What the motion drives besides morphs. */
export interface Uniforms {
  readonly sway: { value: Vector3 };
  readonly wrinkleLeft: { value: Vector4 };
  readonly wrinkleRight: { value: Vector4 };
  readonly iris: { value: Color };
  /** From the world into the head, so that the eyes know where their lids are. */
  readonly head: { value: Matrix3 };
  /** Metres in one unit of the hair's own space, which quantisation has scaled. */
  readonly unit: { value: number };
  /** Radius of the pupil in degrees on the eyeball. */
  readonly pupil: { value: number };
}

type Shader = Parameters<Material["onBeforeCompile"]>[0];

// Light bleeds softly past the terminator, reddest in skin: a cheap look of depth. Only the diffuse term is
// wrapped; wrapping the specular one explodes where both N.L and N.V vanish.
function wrapLight(shader: Shader, wrap: string, open: string): void {
  shader.fragmentShader = shader.fragmentShader
    .replace(
      "#include <lights_physical_pars_fragment>",
      ShaderChunk.lights_physical_pars_fragment.replace(
        DIFFUSE,
        `vec3 wrapped = ${wrap};
        irradiance = clamp((dot(geometryNormal, directLight.direction) + wrapped) / (1.0 + wrapped), 0.0, 1.0) * directLight.color;
        ${DIFFUSE}`,
      ),
    )
    .replace(
      "#include <lights_fragment_end>",
      `#include <lights_fragment_end>
      #ifdef USE_COLOR_ALPHA
        float lightOpen = ${open};
        reflectedLight.directSpecular *= lightOpen;
        reflectedLight.indirectSpecular *= lightOpen;
        sheenSpecularDirect *= lightOpen;
        sheenSpecularIndirect *= lightOpen;
        reflectedLight.directDiffuse *= mix(0.35, 1.0, lightOpen);
      #endif`,
    );
}

function wrinkles(shader: Shader, u: Uniforms): void {
  shader.uniforms.uWrinkleLeft = u.wrinkleLeft;
  shader.uniforms.uWrinkleRight = u.wrinkleRight;
  shader.vertexShader = shader.vertexShader
    .replace(
      "#include <common>",
      `#include <common>
      attribute vec4 _wrinkle; uniform vec4 uWrinkleLeft, uWrinkleRight; varying float vWrinkle;`,
    )
    .replace(
      "#include <begin_vertex>",
      `#include <begin_vertex>
      vWrinkle = dot(_wrinkle, position.x > 0.0 ? uWrinkleLeft : uWrinkleRight);`,
    );
  shader.fragmentShader = shader.fragmentShader
    .replace("#include <common>", "#include <common>\nvarying float vWrinkle;")
    .replace(
      "#include <color_fragment>",
      `#include <color_fragment>
      diffuseColor.rgb *= mix(vec3(1.0), vec3(0.62, 0.42, 0.38), clamp(vWrinkle, 0.0, 1.0));`,
    );
}

function sway(shader: Shader, u: Uniforms): void {
  shader.uniforms.uSway = u.sway;
  shader.vertexShader = shader.vertexShader
    .replace("#include <common>", "#include <common>\nuniform vec3 uSway; varying vec2 vLock;")
    .replace(
      "#include <begin_vertex>",
      "#include <begin_vertex>\ntransformed += uSway * uv.y * uv.y; vLock = uv;",
    );
  shader.fragmentShader = shader.fragmentShader
    .replace("#include <common>", "#include <common>\nvarying vec2 vLock;")
    .replace(
      "#include <color_fragment>",
      `#include <color_fragment>
      diffuseColor.rgb *= 1.0 + 0.10 * sin(vLock.x * 75.0) * smoothstep(0.0, 0.25, vLock.y);`,
    );
}

// Where a small triangle covers only the edge of a pixel, what varies over it would be guessed for the pixel's middle,
// far outside of it: bright and dark specks, the more the fewer pixels there are.
function centroids(shader: Shader): void {
  shader.vertexShader = `#undef varying\n#define varying centroid out\n${shader.vertexShader}`;
  shader.fragmentShader = `#undef varying\n#define varying centroid in\n${shader.fragmentShader}`;
}

interface Options {
  readonly wrap?: string;
  /** GLSL for how open to light a point is. */
  readonly open?: string;
  readonly also?: (shader: Shader) => void;
  readonly key?: string;
}

// Double-sided: strong mixes of morphs fold a few triangles at the corners of the mouth; culling would show holes.
function soft(material: MeshPhysicalMaterial, { wrap, open, also, key }: Options): MeshPhysicalMaterial {
  material.side = DoubleSide;
  material.vertexColors = true;
  material.onBeforeCompile = (shader) => {
    centroids(shader);
    if (wrap) wrapLight(shader, wrap, open ?? "vColor.a");
    also?.(shader);
  };
  material.customProgramCacheKey = () => `${material.name}${key ?? ""}`;
  return material;
}

export class Shading {
  readonly uniforms: Uniforms = {
    sway: { value: new Vector3() },
    wrinkleLeft: { value: new Vector4() },
    wrinkleRight: { value: new Vector4() },
    iris: { value: new Color() },
    head: { value: new Matrix3() },
    unit: { value: 1 },
    pupil: { value: 13.6 },
  };
  /** Hair of curls, not of locks. */
  curly = false;
  readonly #made = new Map<string, Material>();

  /**
   * The material that the model calls `name`, made once; undefined for a name we do not know. `attributes` are the
   * geometry's, since not every model has wrinkles or strands.
   */
  material(name: string, attributes: Readonly<Record<string, unknown>>): Material | undefined {
    const features = `${"_wrinkle" in attributes ? "w" : ""}${"uv" in attributes ? "u" : ""}${"color" in attributes ? "c" : ""}`;
    const key = `${name}/${features}`;
    let made = this.#made.get(key);
    if (!made) {
      made = this.#make(name, attributes, features);
      if (made) this.#made.set(key, made);
    }
    return made;
  }

  #make(name: string, has: Readonly<Record<string, unknown>>, key: string): Material | undefined {
    const u = this.uniforms;
    switch (name) {
      case "skin":
        return soft(
          new MeshPhysicalMaterial({
            name,
            roughness: 0.5,
            specularIntensity: 0.5,
            sheen: 0.5,
            sheenRoughness: 0.45,
          }),
          {
            wrap: "vec3(0.32, 0.21, 0.18)",
            key,
            ...("_wrinkle" in has && { also: (s: Shader) => wrinkles(s, u) }),
          },
        );
      case "hair":
        return soft(
          new MeshPhysicalMaterial({
            name,
            // Coils throw the light about.
            roughness: this.curly ? 0.62 : 0.5,
            specularIntensity: 0.7,
            sheen: 0.6,
            sheenRoughness: 0.4,
          }),
          {
            wrap: "vec3(0.25)",
            // Between locks it is dark enough by colour; a lock itself has to shine.
            open: "mix(0.3, 1.0, vColor.a)",
            key: `${key}${this.curly ? "~" : ""}`,
            ...("uv" in has && {
              also: (s: Shader) => {
                sway(s, u);
                if (this.curly) coils(s, u.unit);
              },
            }),
          },
        );
      case "cloth":
        return soft(
          new MeshPhysicalMaterial({
            name,
            roughness: 0.95,
            specularIntensity: 0.2,
            sheen: 0.8,
            sheenRoughness: 0.5,
          }),
          {
            wrap: "vec3(0.25)",
            key,
          },
        );
      case "mouth":
        return soft(
          new MeshPhysicalMaterial({
            name,
            roughness: 0.35,
            clearcoat: 0.3,
            clearcoatRoughness: 0.3,
            specularIntensity: 0.6,
          }),
          { key },
        );
      case "lash":
        return new MeshStandardMaterial({ name, color: "#1a100d", roughness: 0.7, side: DoubleSide });
      case "brow":
        return new MeshStandardMaterial({
          name,
          vertexColors: "color" in has,
          roughness: 0.65,
          side: DoubleSide,
        });
      case "trim":
        return new MeshStandardMaterial({
          name,
          vertexColors: "color" in has,
          roughness: 0.8,
          side: DoubleSide,
        });
      case "frame":
        return new MeshPhysicalMaterial({
          name,
          vertexColors: "color" in has,
          roughness: 0.3,
          clearcoat: 0.6,
          clearcoatRoughness: 0.2,
          side: DoubleSide,
        });
      case "eye":
        return eyeMaterial(u);
    }
    return undefined;
  }

  /** Base colours of all materials made so far; sheen is a paler or warmer cousin of them. */
  colour(p: Palette): void {
    for (const material of this.#made.values()) {
      const m = material as MeshPhysicalMaterial;
      if (m.name === "skin") {
        m.color.set(p.skin);
        m.sheenColor.set(p.skin).lerp(WARM, 0.1);
      } else if (m.name === "hair") {
        m.color.set(p.hair);
        m.sheenColor.set(p.hair).lerp(WHITE, 0.16);
      } else if (m.name === "brow") {
        m.color.set(p.brows);
      } else if (m.name === "frame") {
        m.color.set(p.frame ?? "#2d2a2b");
      } else if (m.name === "cloth") {
        m.color.set(p.clothes);
        m.sheenColor.set(p.clothes).lerp(WHITE, 0.3);
      } else if (m.name === "trim") {
        m.color.set(p.trim ?? "#f3ead9");
      }
    }
    this.uniforms.iris.value.set(p.eyes);
  }

  dispose(): void {
    for (const material of this.#made.values()) material.dispose();
    this.#made.clear();
  }
}
const WARM = new Color("#ff7a5a");
const WHITE = new Color("#ffffff");
