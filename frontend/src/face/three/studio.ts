// What shines back from hair and lips: a small photo studio, rendered once into an environment map.

import {
  BackSide,
  Color,
  Mesh,
  MeshBasicMaterial,
  PlaneGeometry,
  PMREMGenerator,
  Scene,
  SphereGeometry,
  type Texture,
  type WebGLRenderer,
} from "three";

/** Softboxes: colour, strength, direction (x, y, z), width and height at distance 5. */
const BOXES = [
  ["#fff3e2", 9, -2.6, 3.2, 3.4, 4, 3],
  ["#dbe8ff", 4, 4.5, 1.2, 2, 2.2, 4.5],
  ["#ffffff", 5, 0.4, 5, -1.2, 5, 2.5],
  ["#ffe6d2", 4, -3.5, 1.5, -3.8, 2, 4],
] as const;

/** The environment for `renderer`; make it again when its context was lost. The caller disposes of it. */
export function studio(renderer: WebGLRenderer): Texture {
  const scene = new Scene();
  const room = new Mesh(
    new SphereGeometry(10, 16, 12),
    new MeshBasicMaterial({ color: "#8d8580", side: BackSide }),
  );
  scene.add(room);
  for (const [colour, strength, x, y, z, width, height] of BOXES) {
    const glow = new MeshBasicMaterial({ color: new Color(colour).multiplyScalar(strength) });
    const box = new Mesh(new PlaneGeometry(width, height), glow);
    box.position.set(x, y, z);
    box.lookAt(0, 0, 0);
    scene.add(box);
  }
  const maker = new PMREMGenerator(renderer);
  const { texture } = maker.fromScene(scene, 0.05, 0.1, 20);
  maker.dispose();
  scene.traverse((o) => {
    if (o instanceof Mesh) {
      o.geometry.dispose();
      (o.material as MeshBasicMaterial).dispose();
    }
  });
  return texture;
}
