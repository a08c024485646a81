// Light, camera and the calm place behind the avatar.

import {
  DirectionalLight,
  HemisphereLight,
  NeutralToneMapping,
  type Object3D,
  PCFShadowMap,
  PerspectiveCamera,
  Scene,
  WebGLRenderer,
} from "three";
import { studio } from "./studio";

const FIELD = 24;
const TAN = Math.tan((FIELD * Math.PI) / 360);

/** What the camera must show of an avatar, in metres. */
export interface Frame {
  /** Centre of the head. */
  readonly x: number;
  readonly y: number;
  readonly z: number;
  /** Height and width that have to be seen, and the lowest point that may be. */
  readonly height: number;
  readonly width: number;
  readonly floor: number;
}

export const HEAD: Frame = { x: 0, y: -0.012, z: 0, height: 0.366, width: 0.285, floor: -0.295 };

/** Backdrops as CSS: nothing to draw, and the page may let its own show through. */
const BACKDROP = {
  light: "radial-gradient(circle at 50% 42%, #f7f2ea 0%, #e9dfd2 55%, #d8cabb 100%)",
  dark: "radial-gradient(circle at 50% 42%, #3a3f4c 0%, #262a35 55%, #191c24 100%)",
};

export class Stage {
  readonly renderer: WebGLRenderer;
  readonly scene = new Scene();
  readonly camera = new PerspectiveCamera(FIELD, 1, 0.05, 8);
  #frame = HEAD;
  #key: DirectionalLight;
  #rims: DirectionalLight[] = [];
  #sky: HemisphereLight;

  /** Throws when there is no WebGL. */
  constructor(canvas: HTMLCanvasElement) {
    this.renderer = new WebGLRenderer({ canvas, antialias: true, alpha: true, powerPreference: "low-power" });
    // Asking for the logs of a shader waits for the shader, one after the other.
    this.renderer.debug.checkShaderErrors = false;
    this.renderer.toneMapping = NeutralToneMapping;
    this.renderer.shadowMap.enabled = true;
    this.renderer.shadowMap.type = PCFShadowMap;
    this.renderer.shadowMap.autoUpdate = false;
    // Warm key from the upper left of the picture, cool low fill, two rims that cut the hair from the backdrop.
    this.#key = this.#light("#fff5ea", 2.45, -0.45, 0.55, 0.75);
    this.#light("#cfe0ff", 0.75, 0.8, 0.12, 0.5);
    this.#rims = [
      this.#light("#fff4ea", 1.3, 0.55, 0.5, -0.75),
      this.#light("#ffd9c4", 0.6, -0.7, 0.25, -0.6),
    ];
    this.#sky = new HemisphereLight("#fffaf4", "#c0a093", 1.05);
    this.scene.add(this.#sky);
    this.#shadow();
    this.scene.environment = studio();
    this.theme("light");
  }

  #light(colour: string, intensity: number, x: number, y: number, z: number): DirectionalLight {
    const light = new DirectionalLight(colour, intensity);
    light.position.set(x, y, z);
    this.scene.add(light, light.target);
    return light;
  }

  #shadow(): void {
    const { shadow } = this.#key;
    this.#key.castShadow = true;
    shadow.mapSize.set(1024, 1024);
    Object.assign(shadow.camera, { left: -0.22, right: 0.22, top: 0.22, bottom: -0.26, near: 0.1, far: 2 });
    shadow.bias = -0.0008;
    shadow.normalBias = 0.004;
    shadow.radius = 5;
    shadow.intensity = 0.72;
  }

  theme(theme: "light" | "dark"): void {
    const dark = theme === "dark";
    this.renderer.domElement.style.background = BACKDROP[theme];
    this.renderer.toneMappingExposure = dark ? 1.0 : 1.14;
    this.#sky.intensity = dark ? 0.28 : 0.4;
    this.scene.environmentIntensity = dark ? 0.22 : 0.27;
    for (const rim of this.#rims) rim.intensity = rim === this.#rims[0] ? (dark ? 2 : 1.3) : dark ? 1 : 0.6;
  }

  frame(frame: Frame): void {
    this.#frame = frame;
    this.#key.target.position.set(frame.x, frame.y, frame.z);
    this.#key.position.set(frame.x - 0.45, frame.y + 0.55, frame.z + 0.75);
    this.#aim();
  }

  resize(width: number, height: number, ratio: number): void {
    this.renderer.setPixelRatio(ratio);
    this.renderer.setSize(width, height, false);
    this.camera.aspect = width / height;
    this.#aim();
  }

  #aim(): void {
    const { x, y, z, height, width, floor } = this.#frame;
    const seen = Math.max(height, width / this.camera.aspect);
    const centre = Math.max(y, floor + seen / 2);
    const away = seen / (2 * TAN);
    this.camera.position.set(x, centre + 0.03 * away, z + away);
    this.camera.lookAt(x, centre, z);
    this.camera.updateProjectionMatrix();
  }

  /** Adds a model when its shaders are ready, so that its first frame does not stop the page. */
  async add(root: Object3D): Promise<void> {
    const { renderer, camera, scene } = this;
    if (renderer.extensions.has("KHR_parallel_shader_compile"))
      await renderer.compileAsync(root, camera, scene);
    else {
      // All are ordered at once; the first rendering waits for them. What stands in is painted before that.
      renderer.compile(root, camera, scene);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    scene.add(root);
  }

  /** `shadows`: draw them afresh as well. */
  render(shadows: boolean): void {
    this.renderer.shadowMap.needsUpdate = shadows;
    this.renderer.render(this.scene, this.camera);
  }

  dispose(): void {
    this.#key.shadow.dispose();
    this.scene.environment?.dispose();
    this.renderer.dispose();
    // Browsers keep few contexts alive; giving ours back now keeps a page that makes many faces well.
    this.renderer.forceContextLoss();
  }
}

/** Frees what a model holds on the GPU. */
export function release(root: Object3D): void {
  root.removeFromParent();
  root.traverse((o) => {
    const mesh = o as Object3D & { geometry?: { dispose(): void }; skeleton?: { dispose(): void } };
    mesh.geometry?.dispose();
    mesh.skeleton?.dispose();
  });
}
