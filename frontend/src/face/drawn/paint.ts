// The drawing itself: a flat, friendly illustration in about 2 x 2 units, the head's centre at 0, y down.

import { at, type Pose } from "../motion/channels";
import { eye } from "./eye";
import type { Features } from "./features";
import { hairBehind, hairFront } from "./hair";
import { mouth } from "./mouth";
import type { Inks, Style } from "./style";
import { garment, glasses, moustache } from "./wear";

const RAD = Math.PI / 180;

export function paint(g: CanvasRenderingContext2D, pose: Pose, f: Features, ink: Inks, style: Style): void {
  const v = (i: number): number => pose[i] as number;
  const rise = -v(at.rise) / 90;
  const grow = 1 + v(at.lean) / 700;
  g.save();
  g.scale(grow, grow);
  g.save();
  g.translate(v(at.torsoYaw) * 0.006, rise);
  g.rotate(v(at.torsoRoll) * RAD * 0.6);
  garment(g, ink, style.clothes);
  g.restore();
  // The head turns about the neck; what lies nearer to the viewer moves further: depth without a third dimension.
  const yaw = v(at.headYaw) + v(at.torsoYaw);
  const pitch = v(at.headPitch) + v(at.torsoPitch);
  g.translate(0, 0.85 + rise);
  g.rotate(v(at.headRoll) * RAD);
  g.translate(yaw * 0.004, -0.85 + pitch * 0.004);
  hairBehind(g, ink, style.hair);
  ears(g, ink, yaw);
  face(g, ink, f, style);
  g.save();
  g.translate(yaw * 0.011, pitch * 0.011);
  cheeks(g, ink, v(at.cheekSquintLeft) + v(at.cheekSquintRight));
  eye(g, pose, ink, style.lash, 1);
  eye(g, pose, ink, style.lash, -1);
  nose(g, ink, v(at.noseSneerLeft) + v(at.noseSneerRight), yaw);
  mouth(g, ink, f);
  if (style.moustache) moustache(g, ink, f);
  g.restore();
  // A full fringe hides raised brows; over any other hair they are drawn, as illustrators do.
  const fringed = style.hair === "bun";
  if (!fringed) hairFront(g, ink, style.hair, yaw);
  g.save();
  g.translate(yaw * 0.011, pitch * 0.011);
  brow(g, ink, 1, v(at.browInnerUp), v(at.browOuterUpLeft), v(at.browDownLeft));
  brow(g, ink, -1, v(at.browInnerUp), v(at.browOuterUpRight), v(at.browDownRight));
  g.restore();
  if (fringed) hairFront(g, ink, style.hair, yaw);
  g.translate(yaw * 0.011, pitch * 0.011);
  if (style.glasses) glasses(g, ink, style.glasses);
  g.restore();
}

function ears(g: CanvasRenderingContext2D, ink: Inks, yaw: number): void {
  for (let side = -1; side <= 1; side += 2) {
    g.fillStyle = ink.skin;
    g.beginPath();
    g.ellipse(side * 0.86 - yaw * 0.006, 0.1, 0.13, 0.2, side * 0.15, 0, Math.PI * 2);
    g.fill();
    g.fillStyle = ink.shade;
    g.beginPath();
    g.ellipse(side * 0.88 - yaw * 0.006, 0.11, 0.06, 0.11, side * 0.15, 0, Math.PI * 2);
    g.fill();
  }
}

function face(g: CanvasRenderingContext2D, ink: Inks, f: Features, style: Style): void {
  const chin = 0.92 + 0.3 * f.open;
  // A strong jaw goes straight down further, and ends broader.
  const side = 0.42 + 0.12 * style.jaw;
  const broad = 0.47 + 0.14 * style.jaw;
  g.beginPath();
  g.moveTo(-0.83, -0.2);
  g.bezierCurveTo(-0.86, side, -broad, chin, 0, chin);
  g.bezierCurveTo(broad, chin, 0.86, side, 0.83, -0.2);
  g.bezierCurveTo(0.8, -1.05, -0.8, -1.05, -0.83, -0.2);
  g.closePath();
  g.fillStyle = ink.skin;
  g.fill();
}

/** Soft by three layers: a gradient would have to be made anew in every frame. */
function cheeks(g: CanvasRenderingContext2D, ink: Inks, raised: number): void {
  g.fillStyle = ink.blush;
  g.globalAlpha = 0.13 + 0.06 * raised;
  for (let layer = 0; layer < 3; layer++) {
    const size = 1 - 0.22 * layer;
    for (let side = -1; side <= 1; side += 2) {
      g.beginPath();
      g.ellipse(side * 0.53, 0.37 - 0.03 * raised, 0.2 * size, 0.13 * size, 0, 0, Math.PI * 2);
      g.fill();
    }
  }
  g.globalAlpha = 1;
}

function brow(
  g: CanvasRenderingContext2D,
  ink: Inks,
  side: number,
  inner: number,
  outer: number,
  down: number,
): void {
  const innerY = -0.38 - 0.13 * inner + 0.13 * down - 0.02 * outer;
  const outerY = -0.36 - 0.13 * outer + 0.02 * down + 0.03 * inner;
  const innerX = side * (0.17 - 0.03 * down);
  g.strokeStyle = ink.brows;
  g.lineWidth = 0.075;
  g.lineCap = "round";
  g.beginPath();
  g.moveTo(innerX, innerY);
  g.quadraticCurveTo(side * 0.37, Math.min(innerY, outerY) - 0.08 + 0.05 * down, side * 0.57, outerY);
  g.stroke();
}

function nose(g: CanvasRenderingContext2D, ink: Inks, sneer: number, yaw: number): void {
  const x = yaw * 0.006;
  const y = 0.33 - 0.02 * sneer;
  g.strokeStyle = ink.shade;
  g.lineWidth = 0.045;
  g.lineCap = "round";
  g.beginPath();
  g.moveTo(x - 0.06, y);
  g.quadraticCurveTo(x, y + 0.055, x + 0.06, y);
  if (sneer > 0.1) {
    g.moveTo(x - 0.14, y - 0.03);
    g.lineTo(x - 0.19, y + 0.06 * sneer);
    g.moveTo(x + 0.14, y - 0.03);
    g.lineTo(x + 0.19, y + 0.06 * sneer);
  }
  g.stroke();
}
