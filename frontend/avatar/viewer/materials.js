// Materials: the GLB carries shape, tint and occlusion (vertex colours); colours and shading live here.
import * as THREE from 'three';

// Double-sided: strong morph mixes fold a few triangles at the mouth corners; culling them would show holes.
const hook = (material, edit) => {
  material.side = THREE.DoubleSide;
  material.onBeforeCompile = edit;
  material.customProgramCacheKey = () => material.name;
  return material;
};

// Per-channel wrapped diffuse: light bleeds softly, reddest, past the terminator (cheap subsurface look).
// Only the diffuse term is wrapped; wrapping the specular term explodes where both N.L and N.V vanish.
const wrapLight = (shader, wrap) => {
  shader.fragmentShader = shader.fragmentShader
    .replace(
      '#include <lights_physical_pars_fragment>',
      THREE.ShaderChunk.lights_physical_pars_fragment.replace(
        'reflectedLight.directDiffuse += irradiance',
        `vec3 wrapW = ${wrap};
        irradiance = clamp((dot(geometryNormal, directLight.direction) + wrapW) / (1.0 + wrapW), 0.0, 1.0) * directLight.color;
        reflectedLight.directDiffuse += irradiance`,
      ),
    )
    // colour alpha = light openness: creases, mouth and lip seam keep no highlights
    .replace(
      '#include <lights_fragment_end>',
      `#include <lights_fragment_end>
      float lightOpen = vColor.a;
      reflectedLight.directSpecular *= lightOpen; reflectedLight.indirectSpecular *= lightOpen;
      sheenSpecularDirect *= lightOpen; sheenSpecularIndirect *= lightOpen;
      reflectedLight.directDiffuse *= mix(0.35, 1.0, lightOpen);`,
    );
};

const skinShader = (uniforms) => (s) => {
  wrapLight(s, 'vec3(0.32,0.21,0.18)');
  Object.assign(s.uniforms, uniforms);
  s.vertexShader = s.vertexShader
    .replace('#include <common>', `#include <common>
      attribute vec4 _wrinkle; uniform vec4 uWrinkleLeft, uWrinkleRight; varying float vWrinkle;`)
    .replace('#include <begin_vertex>', `#include <begin_vertex>
      vWrinkle = dot(_wrinkle, position.x > 0.0 ? uWrinkleLeft : uWrinkleRight);`);
  s.fragmentShader = s.fragmentShader
    .replace('#include <common>', '#include <common>\nvarying float vWrinkle;')
    .replace('#include <color_fragment>', `#include <color_fragment>
      diffuseColor.rgb *= mix(vec3(1.0), vec3(0.66, 0.46, 0.42), clamp(vWrinkle, 0.0, 1.0));`);
};

// As src/face/three/curls.ts draws them: the ridges of a gyroid, 12.5 mm apart.
const coils = (s, unit) => {
  s.uniforms.uUnit = unit;
  s.vertexShader = s.vertexShader
    .replace('#include <common>', '#include <common>\nuniform float uUnit; varying vec3 vCoil;')
    .replace('#include <begin_vertex>', '#include <begin_vertex>\nvCoil = position * uUnit * 502.7;');
  s.fragmentShader = s.fragmentShader
    .replace('#include <common>', '#include <common>\nvarying vec3 vCoil; uniform mat3 normalMatrix; vec3 coil; float coilSeen;')
    .replace('#include <color_fragment>', `#include <color_fragment>
      coil = vCoil + 0.9 * sin(vCoil.yzx * 0.31) + 0.5 * sin(vCoil.zxy * 0.73);
      coilSeen = smoothstep(1.6, 0.5, length(fwidth(vCoil)));
      float ridge = sin(coil.x) * cos(coil.y) + sin(coil.y) * cos(coil.z) + sin(coil.z) * cos(coil.x);
      diffuseColor.rgb *= 1.0 + 0.22 * coilSeen * ridge;`)
    .replace('#include <normal_fragment_maps>', `#include <normal_fragment_maps>
      vec3 slope = normalMatrix * vec3(cos(coil.x) * cos(coil.y) - sin(coil.z) * sin(coil.x),
        cos(coil.y) * cos(coil.z) - sin(coil.x) * sin(coil.y), cos(coil.z) * cos(coil.x) - sin(coil.y) * sin(coil.z));
      slope = normalize(slope + 1e-4) * min(1.0, length(slope));
      normal = normalize(normal - 0.42 * coilSeen * (slope - dot(slope, normal) * normal));`);
};

const hairShader = (curls) => (s) => {
  wrapLight(s, 'vec3(0.2)');
  s.vertexShader = s.vertexShader.replace('#include <common>', '#include <common>\nvarying vec2 vStrand;')
    .replace('#include <begin_vertex>', '#include <begin_vertex>\nvStrand = uv;');
  s.fragmentShader = s.fragmentShader.replace('#include <common>', '#include <common>\nvarying vec2 vStrand;')
    .replace('#include <color_fragment>', `#include <color_fragment>
      float turn = vStrand.x * 6.2831853, fine = 1.0 - smoothstep(0.10, 0.35, fwidth(vStrand.x) * 11.0);
      float strand = 0.55 * sin(turn * 5.0 + 1.3) + (0.30 * sin(turn * 11.0 + 4.0 * vStrand.y) + 0.25 * sin(turn * 17.0)) * fine;
      diffuseColor.rgb *= 1.0 + 0.16 * strand;`)
    .replace('#include <roughnessmap_fragment>', '#include <roughnessmap_fragment>\nroughnessFactor = clamp(roughnessFactor + 0.12 * strand, 0.25, 1.0);');
  if (curls) coils(s, curls);
};

// `curls`: for curly hair, { value: metres in one unit of the hair's own space }.
export function makeMaterials(curls) {
  const wrinkle = { uWrinkleLeft: { value: new THREE.Vector4() }, uWrinkleRight: { value: new THREE.Vector4() } };
  const physical = (name, options) => new THREE.MeshPhysicalMaterial({ name, vertexColors: true, ...options });
  const soft = { roughness: 0.52, specularIntensity: 0.55, sheen: 0.4, sheenRoughness: 0.45, envMapIntensity: 0.7 };
  const skin = hook(physical('skin', soft), skinShader(wrinkle));
  const throat = hook(physical('throat', soft), (s) => wrapLight(s, 'vec3(0.32,0.21,0.18)'));
  const hair = hook(physical('hair', { roughness: curls ? 0.62 : 0.52, specularIntensity: 0.6, sheen: 0.4, sheenRoughness: 0.4, envMapIntensity: 0.9 }), hairShader(curls));
  hair.customProgramCacheKey = () => (curls ? 'hair, curly' : 'hair');
  const cloth = hook(physical('cloth', { roughness: 0.95, specularIntensity: 0.2, sheen: 1, sheenRoughness: 0.5, envMapIntensity: 0.8 }), (s) => wrapLight(s, 'vec3(0.25)'));
  const trim = hook(physical('trim', { roughness: 0.8, specularIntensity: 0.3, sheen: 0.6 }), (s) => wrapLight(s, 'vec3(0.25)'));
  const mouth = physical('mouth', { roughness: 0.4, clearcoat: 0.25, clearcoatRoughness: 0.3, envMapIntensity: 0.35, specularIntensity: 0.6, side: THREE.DoubleSide });
  const brow = new THREE.MeshStandardMaterial({ name: 'brow', vertexColors: true, roughness: 0.6 });
  const lash = new THREE.MeshStandardMaterial({ name: 'lash', color: '#1a100d', roughness: 0.7 });
  const frame = new THREE.MeshPhysicalMaterial({ name: 'frame', roughness: 0.3, clearcoat: 0.6 });
  return { skin, throat, hair, cloth, trim, mouth, brow, lash, frame, eyes: [0, 1].map((i) => eyeMaterial(`eye${i}`)), wrinkle };
}

function eyeMaterial(name) {
  const m = new THREE.MeshPhysicalMaterial({ name, roughness: 0.25, clearcoat: 1, clearcoatRoughness: 0.03, envMapIntensity: 0.55, specularIntensity: 0.3 });
  m.defines = { ...m.defines, USE_UV: '' };
  m.userData.u = { uIris: { value: new THREE.Color('#6b4423') }, uEyeRot: { value: new THREE.Matrix3() } };
  m.onBeforeCompile = (s) => {
    Object.assign(s.uniforms, m.userData.u);
    s.vertexShader = s.vertexShader
      .replace('#include <common>', '#include <common>\nuniform mat3 uEyeRot; varying vec3 vSocket;')
      .replace('#include <begin_vertex>', '#include <begin_vertex>\nvSocket = uEyeRot * normalize(position);');
    s.fragmentShader = s.fragmentShader
      .replace('#include <common>', '#include <common>\nuniform vec3 uIris; varying vec3 vSocket;')
      .replace('#include <color_fragment>', `
        float th = vUv.x * 180.0, az = vUv.y * 6.2831853, aa = fwidth(th) * 1.2 + .35;
        vec2 ip = vec2(cos(az), sin(az)) * th / 33.0;                        // iris-plane position
        vec3 sclera = mix(vec3(.97,.96,.95), vec3(.84,.74,.72), smoothstep(48., 85., th));
        float fibre = .5 + .25 * sin(az * 23.) + .25 * sin(az * 41. + 1.7);
        float r = th / 33.0;
        vec3 iris = uIris * mix(.55, 1.0, smoothstep(.35, .75, r));
        iris *= mix(1.0, .82 + .36 * fibre, .55 * smoothstep(.40,.6,r) * (1. - smoothstep(.8,.95,r)));
        iris = mix(iris, iris * 2.1 + uIris * .25, smoothstep(.25, -1.0, ip.y) * smoothstep(.38, .72, r) * (1. - smoothstep(.78, .98, r)) * .9);
        iris *= mix(1.0, .50, smoothstep(-.1, .95, ip.y));                   // lid side of the iris is darker
        iris *= mix(1.0, .26, smoothstep(.76, 1.0, r));                      // limbal ring
        vec3 ec = mix(vec3(.012,.010,.012), iris, smoothstep(13.6 - aa, 13.6 + aa, th));
        ec = mix(ec, sclera, smoothstep(32.5 - aa, 34.5 + aa, th));
        float lidShade = mix(.42, 1.0, smoothstep(.66, .12, vSocket.y)) * mix(.72, 1.0, smoothstep(.80, .45, abs(vSocket.x)));
        diffuseColor.rgb = ec * lidShade;`)
      .replace('#include <opaque_fragment>', `
        vec3 vn = normalize(vNormal);
        float c1 = smoothstep(.9895, .9925, dot(vn, normalize(vec3(-.24, .27, .93))));
        float c2 = smoothstep(.9965, .9990, dot(vn, normalize(vec3(.23, -.20, .95))));
        outgoingLight += vec3(1.0,.98,.95) * (c1 * 1.6 + c2 * .45) * mix(1.0, .22, smoothstep(33., 42., vUv.x * 180.0));
        #include <opaque_fragment>`);
  };
  m.customProgramCacheKey = () => 'eye';
  return m;
}

export function recolour(mats, c) {
  for (const m of [mats.skin, mats.throat]) {
    m.color.set(c.skin);
    m.sheenColor.set(c.skin).lerp(new THREE.Color('#ff7a5a'), 0.2);
  }
  mats.hair.color.set(c.hair);
  mats.hair.sheenColor.set(c.hair).lerp(new THREE.Color('#ffffff'), 0.18);
  mats.brow.color.set(c.brows);
  mats.cloth.color.set(c.clothes);
  mats.cloth.sheenColor.set(c.clothes).lerp(new THREE.Color('#ffffff'), 0.35);
  mats.trim.color.set(c.trim);
  mats.trim.sheenColor.set(c.trim);
  mats.frame.color.set(c.frame ?? '#2d2a2b');
  for (const e of mats.eyes) e.userData.u.uIris.value.set(c.eyes);
}
