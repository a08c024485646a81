// Stage for the contact sheets: window.open(look), window.sheet(tiles, columns, size).
import * as THREE from 'three';
import { RoomEnvironment } from 'three/addons/environments/RoomEnvironment.js';
import { MeshoptDecoder } from 'three/addons/libs/meshopt_decoder.module.js';
import { GLTFLoader } from 'three/addons/loaders/GLTFLoader.js';
import { makeMaterials, recolour } from './materials.js';

const canvas = document.getElementById('c');
const renderer = new THREE.WebGLRenderer({ canvas, preserveDrawingBuffer: true });
renderer.toneMapping = THREE.NeutralToneMapping;
renderer.toneMappingExposure = 1.22;
renderer.shadowMap.enabled = true;
renderer.shadowMap.type = THREE.PCFShadowMap;
const scene = new THREE.Scene();
scene.environment = new THREE.PMREMGenerator(renderer).fromScene(new RoomEnvironment(), 0.05).texture;
scene.environmentIntensity = 0.34;
const light = (colour, power, x, y, z) => {
  const l = new THREE.DirectionalLight(colour, power);
  l.position.set(x, y, z);
  scene.add(l, l.target);
  return l;
};
const key = light('#fff5ea', 2.3, -0.45, 0.55, 0.75);
key.castShadow = true;
key.shadow.mapSize.set(1024, 1024);
Object.assign(key.shadow.camera, { left: -0.25, right: 0.25, top: 0.25, bottom: -0.3, near: 0.1, far: 2 });
Object.assign(key.shadow, { bias: -0.0006, normalBias: 0.004, radius: 5, intensity: 0.75 });
light('#cfe0ff', 0.5, 0.8, 0.12, 0.5);
light('#fff4ea', 1.3, 0.55, 0.5, -0.75);
light('#ffd9c4', 0.5, -0.7, 0.25, -0.6);
scene.add(new THREE.HemisphereLight('#fff7ee', '#c0a093', 0.38));
const camera = new THREE.PerspectiveCamera(24, 1, 0.05, 5);
const backdrop = (inner, outer) => {
  const c = document.createElement('canvas');
  c.width = c.height = 128;
  const g = c.getContext('2d');
  const r = g.createRadialGradient(64, 52, 5, 64, 64, 95);
  r.addColorStop(0, inner);
  r.addColorStop(1, outer);
  g.fillStyle = r;
  g.fillRect(0, 0, 128, 128);
  const t = new THREE.CanvasTexture(c);
  t.colorSpace = THREE.SRGBColorSpace;
  return t;
};
const LIGHT = backdrop('#f6efe4', '#dccdba');
const DARK = backdrop('#3a3d4a', '#1b1d25');

const looks = await (await fetch('/avatar/looks.json')).json();
const loader = new GLTFLoader().setMeshoptDecoder(MeshoptDecoder);
const shown = {};
async function load(id) {
  const gltf = await loader.loadAsync(`/avatar/${id}.glb`);
  const root = gltf.scene;
  const look = looks.looks.find((l) => l.id === id);
  root.updateMatrixWorld(true);
  const scale = root.getObjectByName('hair').getWorldScale(new THREE.Vector3()).x;
  const mats = makeMaterials(['crop', 'afro'].includes(look.drawn.hair) ? { value: scale } : undefined);
  const morphed = [];
  root.traverse((o) => {
    if (!o.isMesh) return;
    const kind = o.material.name;
    o.castShadow = kind === 'hair' || (kind === 'skin' && !o.isSkinnedMesh);
    o.receiveShadow = kind !== 'eye';
    o.frustumCulled = false;
    const side = o.name.includes('Right') || o.parent.name.includes('Right') ? 1 : 0;
    o.material = kind === 'eye' ? mats.eyes[side] : o.isSkinnedMesh ? mats.throat : mats[kind];
    if (o.morphTargetDictionary) morphed.push(o);
  });
  return { root, mats, morphed, node: (n) => root.getObjectByName(n), colours: look.colours };
}

const clamp = (v) => Math.min(1, Math.max(0, v));
const total = (w, gains) => clamp(Object.entries(gains).reduce((s, [k, g]) => s + g * (w[k] ?? 0), 0));
function pose(avatar, given = {}) {
  const w = { ...given };
  for (const [name, { of }] of Object.entries(looks.correctives)) w[name] = total(given, of[0]) * total(given, of[1]);
  for (const side of ['Left', 'Right']) {
    for (const n of ['eyeLookDown', 'eyeLookUp', 'eyeWide', 'eyeSquint']) w[n + side] = (given[n + side] ?? 0) * (1 - (given[`eyeBlink${side}`] ?? 0));
    const u = avatar.mats.wrinkle[`uWrinkle${side}`].value;
    const other = side === 'Left' ? 'Right' : 'Left';
    for (const [channel, gains] of Object.entries(looks.wrinkles))
      u[channel] = total(given, Object.fromEntries(Object.entries(gains).filter(([k]) => !k.endsWith(other))));
  }
  for (const m of avatar.morphed) {
    m.morphTargetInfluences.fill(0);
    for (const [k, v] of Object.entries(w)) if (k in m.morphTargetDictionary) m.morphTargetInfluences[m.morphTargetDictionary[k]] = v;
  }
  const turn = (26 * Math.PI) / 180;
  const g = (n) => given[n] ?? 0;
  for (const [side, sign, i] of [['Left', 1, 0], ['Right', -1, 1]]) {
    const eye = avatar.node(`eye${side}`);
    eye.rotation.set((g(`eyeLookDown${side}`) - g(`eyeLookUp${side}`)) * turn, sign * (g(`eyeLookOut${side}`) - g(`eyeLookIn${side}`)) * turn, 0, 'YXZ');
    eye.updateMatrix();
    avatar.mats.eyes[i].userData.u.uEyeRot.value.setFromMatrix4(eye.matrix);
  }
}
function headTurn(avatar, yaw = 0, pitch = 0, roll = 0) {
  const d = Math.PI / 180;
  avatar.node('head').rotation.set(pitch * 0.7 * d, yaw * 0.7 * d, roll * 0.7 * d);
  avatar.node('neck').rotation.set(pitch * 0.3 * d, yaw * 0.3 * d, roll * 0.3 * d);
}

// { look, w, h, yaw, pitch, dist, y, colours, weights, turn, dark }
async function still(o) {
  const avatar = (shown[o.look] ??= await load(o.look));
  for (const other of Object.values(shown)) scene.remove(other.root);
  scene.add(avatar.root);
  recolour(avatar.mats, { ...avatar.colours, ...o.colours });
  pose(avatar, o.weights);
  headTurn(avatar, ...(o.turn ?? []));
  scene.background = o.dark ? DARK : LIGHT;
  renderer.setPixelRatio(o.scale ?? 2); // supersampled: SwiftShader's MSAA leaves pinholes between triangles
  renderer.setSize(o.w, o.h);
  camera.aspect = o.w / o.h;
  camera.updateProjectionMatrix();
  const a = ((o.yaw ?? 0) * Math.PI) / 180;
  const e = ((o.pitch ?? 2) * Math.PI) / 180;
  const at = new THREE.Vector3(0, o.y ?? -0.012, 0);
  camera.position.set(Math.sin(a) * Math.cos(e), Math.sin(e), Math.cos(a) * Math.cos(e)).multiplyScalar(o.dist ?? 0.86).add(at);
  camera.lookAt(at);
  renderer.render(scene, camera);
}

window.sheet = async (tiles, columns, size, caption = true, type = 'image/webp') => {
  const cap = caption ? 26 : 0;
  const out = document.createElement('canvas');
  out.width = columns * size;
  out.height = Math.ceil(tiles.length / columns) * (size + cap);
  const g = out.getContext('2d');
  g.fillStyle = '#f4f1ec';
  g.fillRect(0, 0, out.width, out.height);
  g.imageSmoothingQuality = 'high';
  for (const [i, t] of tiles.entries()) {
    await still({ w: size, h: size, ...t });
    const x = (i % columns) * size;
    const y = Math.floor(i / columns) * (size + cap);
    g.drawImage(canvas, x, y, size, size);
    g.fillStyle = '#2b2622';
    g.font = '600 14px sans-serif';
    if (caption) g.fillText(t.title ?? '', x + 8, y + size + 18);
  }
  return out.toDataURL(type, 0.9);
};
window.drawCalls = () => renderer.info.render;
window.ready = true;

// For tests: mean absolute difference (0..255) of pictures, after a 4x4 box blur that forgives a pixel's shift.
const small = async (tile, size, [x, y, w, h]) => {
  await still({ w: size, h: size, scale: 2, ...tile });
  const c = document.createElement('canvas');
  [c.width, c.height] = [Math.round((w * size) / 4), Math.round((h * size) / 4)];
  const g = c.getContext('2d', { willReadFrequently: true });
  g.imageSmoothingQuality = 'high';
  g.drawImage(canvas, x * 2 * size, y * 2 * size, w * 2 * size, h * 2 * size, 0, 0, c.width, c.height);
  return g.getImageData(0, 0, c.width, c.height).data;
};
const apart = (a, b) => a.reduce((s, v, i) => s + Math.abs(v - b[i]), 0) / (0.75 * a.length);
window.pictures = async (tiles, size, crop) => {
  const shots = [];
  for (const t of tiles) shots.push(await small(t, size, crop));
  return shots.map((a) => shots.map((b) => apart(a, b)));
};
window.against = async (tiles, size, url) => {
  const image = new Image();
  image.src = url;
  await image.decode();
  const c = document.createElement('canvas');
  const out = [];
  for (const [i, t] of tiles.entries()) {
    const now = await small(t, size, [0, 0, 1, 1]);
    c.width = c.height = size / 4;
    const g = c.getContext('2d');
    g.imageSmoothingQuality = 'high';
    g.drawImage(image, i * size, 0, size, size, 0, 0, size / 4, size / 4);
    out.push(apart(now, g.getImageData(0, 0, size / 4, size / 4).data));
  }
  return out;
};
