import type { Mesh, Object3D } from "three";
import { Box3 } from "three";
import { describe, expect, it } from "vitest";
import { ARKIT, add, newPose, type Recipe, sparse } from "../motion/channels";
import { build } from "./build";
import { canonical, VISEMES } from "./names";
import { AvatarProblem } from "./problem";
import { sample, VRM_MORPHS, vrmSample } from "./sample";

const pose = (recipe: Recipe) => {
  const p = newPose();
  add(p, sparse(recipe), 1);
  return p;
};

/** The morph influences of the first mesh, by name. */
function influences(root: Object3D): Record<string, number> {
  let found: Record<string, number> = {};
  root.traverse((o) => {
    const mesh = o as Mesh;
    if (!mesh.morphTargetDictionary) return;
    found = Object.fromEntries(
      Object.entries(mesh.morphTargetDictionary).map(([name, i]) => [
        name,
        mesh.morphTargetInfluences?.[i] ?? 0,
      ]),
    );
  });
  return found;
}

describe("names", () => {
  it.each([
    ["mouthSmile_L", "mouthSmileLeft"],
    ["mouthSmile_Right", "mouthSmileRight"],
    ["blendShape1.JawOpen", "jawOpen"],
    ["eye_blink_left", "eyeBlinkLeft"],
    ["EYE_BLINK_R", "eyeBlinkRight"],
    ["Viseme_AA", "viseme_aa"],
    ["vrc.v_oh", "viseme_O"],
    ["vrc.v_pp", "viseme_PP"],
    ["Fcl_MTH_A", "viseme_aa"],
    ["あ", "viseme_aa"],
    ["mouthOpen", "jawOpen"],
    ["eyesClosed", "eyesClosed"],
    ["hairLong", undefined],
    ["tall", undefined],
    ["__proto__", undefined],
    ["constructor", undefined],
  ])("%s is %s", (name, known) => {
    expect(canonical(name)).toBe(known);
  });
});

describe("a GLB", () => {
  it("with ARKit names follows the pose by name", async () => {
    const { puppet, report } = await build(sample({ morphs: ARKIT }));
    puppet.pose(pose({ browInnerUp: 0.7, shapeD: 1 }), 0);
    const w = influences(puppet.root);
    expect(w.browInnerUp).toBeCloseTo(0.7);
    expect(w.jawOpen).toBeCloseTo(0.58);
    expect(report.missing).toContain("viseme_aa");
    expect(report.missing).not.toContain("jawOpen");
    expect(report.standIns).toEqual(["Speech is shaped from the ARKit mouth morphs."]);
    expect(report.triangles).toBe(12);
  });

  it("with Oculus names speaks by them", async () => {
    const { puppet, report } = await build(sample({ morphs: VISEMES.map((v) => `viseme_${v}`) }));
    puppet.pose(pose({ shapeA: 1 }), 0);
    expect(influences(puppet.root)).toMatchObject({ viseme_PP: 1, viseme_aa: 0 });
    expect(report.standIns).toContain("The eyes cannot blink.");
  });

  it("with pairs in one morph blinks and smiles by those", async () => {
    const { puppet } = await build(sample({ morphs: ["eyesClosed", "mouthSmile", "mouthOpen"] }));
    puppet.pose(pose({ "both:eyeBlink": 1, mouthSmileLeft: 0.5, shapeD: 1 }), 0);
    const w = influences(puppet.root);
    expect(w.eyesClosed).toBeCloseTo(1);
    expect(w.mouthSmile).toBeCloseTo(0.25);
    expect(w.mouthOpen).toBeGreaterThan(0.6);
  });

  it("without a mouth moves its jaw, and without that says so", async () => {
    const jaw = await build(sample({ bones: ["Hips", "Neck", "Head", "Jaw"] }));
    const bone = jaw.puppet.root.getObjectByName("Jaw") as Object3D;
    jaw.puppet.pose(pose({}), 0);
    const shut = bone.quaternion.clone();
    jaw.puppet.pose(pose({ shapeD: 1 }), 0);
    expect(bone.quaternion.angleTo(shut)).toBeGreaterThan(0.15);
    expect(jaw.report.standIns).toContain("Speech moves the jaw bone: there are no mouth morphs.");
    const mute = await build(sample());
    expect(mute.report.standIns.join()).toMatch(/mouth cannot move/);
  });

  it("of any size comes to the size of ours, its head in the middle", async () => {
    for (const size of [1, 100, 0.001]) {
      const { puppet } = await build(
        sample({
          morphs: ARKIT,
          spoil: (json) => {
            (json.nodes as Record<string, unknown>[])[0] = {
              ...(json.nodes as Record<string, unknown>[])[0],
              scale: [size, size, size],
            };
          },
        }),
      );
      puppet.pose(newPose(), 0);
      puppet.root.updateMatrixWorld(true);
      const box = new Box3().setFromObject(puppet.root, true);
      expect(box.max.y - box.min.y, `scale ${size}`).toBeGreaterThan(0.15);
      expect(box.max.y - box.min.y, `scale ${size}`).toBeLessThan(0.35);
      expect(Math.abs((box.max.y + box.min.y) / 2)).toBeLessThan(0.06);
    }
  });

  it("turns its head whatever the bone's own axes are", async () => {
    const { puppet } = await build(
      sample({
        morphs: ARKIT,
        spoil: (json) => {
          const nodes = json.nodes as Record<string, unknown>[];
          nodes[2] = { ...nodes[2], rotation: [0.5, 0.5, 0.5, 0.5] };
        },
      }),
    );
    const head = puppet.root.getObjectByName("Head") as Object3D;
    puppet.pose(newPose(), 0);
    puppet.root.updateMatrixWorld(true);
    const before = head.matrixWorld.clone().invert();
    puppet.pose(pose({ headYaw: 20 }), 0);
    puppet.root.updateMatrixWorld(true);
    const turned = head.matrixWorld.clone().multiply(before);
    // About the world's y axis by 20 degrees: to its left, our right.
    expect(turned.elements[8]).toBeCloseTo(Math.sin((20 * Math.PI) / 180), 3);
    expect(turned.elements[5]).toBeCloseTo(1, 3);
  });
});

describe.each(["0.x", "1.0"] as const)("a VRM %s", (version) => {
  it("speaks and blinks by its expressions", async () => {
    const { puppet, report } = await build(vrmSample(version));
    expect(report.kind).toBe(`VRM ${version}`);
    expect(report.found).toEqual(expect.arrayContaining(["viseme_aa", "viseme_O"]));
    expect(report.standIns).toContain(
      "Speech is shaped from the five vowels; lips on teeth are only hinted at.",
    );
    puppet.pose(pose({ shapeD: 1, "both:eyeBlink": 1 }), 0.016);
    const w = influences(puppet.root);
    expect(w[VRM_MORPHS[0]]).toBeCloseTo(1);
    expect(w[VRM_MORPHS[5]]).toBeCloseTo(1);
    puppet.pose(pose({ shapeF: 1 }), 0.016);
    expect(influences(puppet.root)[VRM_MORPHS[0]]).toBeCloseTo(0);
    expect(influences(puppet.root)[VRM_MORPHS[2]]).toBeCloseTo(1);
  });

  it("stands where ours stand, and turns its head to its left", async () => {
    const { puppet } = await build(vrmSample(version));
    const face = puppet.root.getObjectByName("Wolf3D_Head") as Object3D;
    const yaw = (degrees: number): number => {
      puppet.pose(pose({ headYaw: degrees }), 0);
      puppet.root.updateMatrixWorld(true);
      const e = face.matrixWorld.elements;
      return (Math.atan2(e[8] as number, e[10] as number) * 180) / Math.PI;
    };
    const straight = yaw(0);
    const turned = ((yaw(20) - straight + 540) % 360) - 180;
    // No neck in this sample: the head's own share.
    expect(turned).toBeGreaterThan(10);
    expect(turned).toBeLessThan(21);
    const box = new Box3().setFromObject(puppet.root, true);
    expect(Math.abs((box.max.y + box.min.y) / 2)).toBeLessThan(0.1);
  });
});

it("a VRM without a person is refused in words", async () => {
  await expect(build(sample({ extensions: { VRMC_vrm: { specVersion: "1.0" } } }))).rejects.toThrow(
    AvatarProblem,
  );
});

it("what three.js cannot read becomes a sentence", async () => {
  const odd = sample({
    spoil: (json) => {
      json.scenes = [{ nodes: [99] }];
    },
  });
  await expect(build(odd)).rejects.toThrow(AvatarProblem);
});
