// The drawing itself: a flat, friendly illustration in about 2 x 2 units, the head's centre at 0, y down.

import { at, type Pose } from "../motion/channels";
import type { Features } from "./features";

export interface Inks {
  skin: string;
  shade: string;
  blush: string;
  hair: string;
  gloss: string;
  brows: string;
  eyes: string;
  clothes: string;
  fold: string;
  lip: string;
}

const RAD = Math.PI / 180;

export function paint(g: CanvasRenderingContext2D, pose: Pose, f: Features, ink: Inks): void {
  const v = (i: number): number => pose[i] as number;
  const rise = -v(at.rise) / 90;
  const grow = 1 + v(at.lean) / 700;
  g.save();
  g.scale(grow, grow);
  g.save();
  g.translate(v(at.torsoYaw) * 0.006, rise);
  g.rotate(v(at.torsoRoll) * RAD * 0.6);
  shoulders(g, ink);
  g.restore();
  // The head turns about the neck; what lies nearer to the viewer moves further: depth without a third dimension.
  const yaw = v(at.headYaw) + v(at.torsoYaw);
  const pitch = v(at.headPitch) + v(at.torsoPitch);
  g.translate(0, 0.85 + rise);
  g.rotate(v(at.headRoll) * RAD);
  g.translate(yaw * 0.004, -0.85 + pitch * 0.004);
  hairBehind(g, ink);
  ears(g, ink, yaw);
  face(g, ink, f);
  g.save();
  g.translate(yaw * 0.011, pitch * 0.011);
  cheeks(g, ink, v(at.cheekSquintLeft) + v(at.cheekSquintRight));
  eye(g, pose, ink, 1);
  eye(g, pose, ink, -1);
  nose(g, ink, v(at.noseSneerLeft) + v(at.noseSneerRight), yaw);
  mouth(g, ink, f);
  g.restore();
  fringe(g, ink, yaw);
  g.translate(yaw * 0.011, pitch * 0.011);
  brow(g, ink, 1, v(at.browInnerUp), v(at.browOuterUpLeft), v(at.browDownLeft));
  brow(g, ink, -1, v(at.browInnerUp), v(at.browOuterUpRight), v(at.browDownRight));
  g.restore();
}

function shoulders(g: CanvasRenderingContext2D, ink: Inks): void {
  g.fillStyle = ink.shade;
  g.beginPath();
  g.roundRect(-0.3, 0.5, 0.6, 0.85, 0.2);
  g.fill();
  g.fillStyle = ink.clothes;
  g.beginPath();
  g.moveTo(-1.5, 2.6);
  g.bezierCurveTo(-1.5, 1.5, -0.95, 1.25, -0.42, 1.12);
  g.bezierCurveTo(-0.25, 1.42, 0.25, 1.42, 0.42, 1.12);
  g.bezierCurveTo(0.95, 1.25, 1.5, 1.5, 1.5, 2.6);
  g.closePath();
  g.fill();
  g.strokeStyle = ink.fold;
  g.lineWidth = 0.1;
  g.lineCap = "round";
  g.beginPath();
  g.moveTo(-0.43, 1.13);
  g.bezierCurveTo(-0.27, 1.46, 0.27, 1.46, 0.43, 1.13);
  g.stroke();
}

function hairBehind(g: CanvasRenderingContext2D, ink: Inks): void {
  g.fillStyle = ink.hair;
  g.beginPath();
  g.ellipse(0, -0.2, 0.96, 0.97, 0, 0, Math.PI * 2);
  g.fill();
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

function face(g: CanvasRenderingContext2D, ink: Inks, f: Features): void {
  const jaw = 0.92 + 0.22 * f.open;
  g.beginPath();
  g.moveTo(-0.83, -0.2);
  g.bezierCurveTo(-0.86, 0.42, -0.5, jaw, 0, jaw);
  g.bezierCurveTo(0.5, jaw, 0.86, 0.42, 0.83, -0.2);
  g.bezierCurveTo(0.8, -1.05, -0.8, -1.05, -0.83, -0.2);
  g.closePath();
  g.fillStyle = ink.skin;
  g.fill();
}

function cheeks(g: CanvasRenderingContext2D, ink: Inks, raised: number): void {
  g.fillStyle = ink.blush;
  for (let side = -1; side <= 1; side += 2) {
    g.globalAlpha = 0.35 + 0.15 * raised;
    g.beginPath();
    g.ellipse(side * 0.52, 0.36 - 0.03 * raised, 0.19, 0.12, 0, 0, Math.PI * 2);
    g.fill();
  }
  g.globalAlpha = 1;
}

/** `side` 1 is the avatar's left eye, on the right of the picture. */
function eye(g: CanvasRenderingContext2D, pose: Pose, ink: Inks, side: 1 | -1): void {
  const v = (i: number): number => pose[i] as number;
  const left = side === 1;
  const blink = v(left ? at.eyeBlinkLeft : at.eyeBlinkRight);
  const wide = v(left ? at.eyeWideLeft : at.eyeWideRight);
  const squint = v(left ? at.eyeSquintLeft : at.eyeSquintRight);
  const cheek = v(left ? at.cheekSquintLeft : at.cheekSquintRight);
  const down = v(left ? at.eyeLookDownLeft : at.eyeLookDownRight);
  const x = side * 0.36;
  const y = 0.02;
  const w = 0.2;
  const h = 0.25 + 0.04 * wide;
  // Heights of the lids' middles over the eye's centre; they meet below it when shut.
  const meet = 0.1;
  const upper = mix(-h * (1 - 0.22 * squint - 0.25 * down), meet, blink);
  const lower = mix(h * (1 - 0.35 * squint - 0.3 * cheek), meet, blink);
  g.save();
  g.beginPath();
  g.moveTo(x - w, y + meet * 0.4 * blink);
  g.bezierCurveTo(
    x - w * 0.8,
    y + upper * 1.28,
    x + w * 0.8,
    y + upper * 1.28,
    x + w,
    y + meet * 0.4 * blink,
  );
  g.bezierCurveTo(
    x + w * 0.8,
    y + lower * 1.28,
    x - w * 0.8,
    y + lower * 1.28,
    x - w,
    y + meet * 0.4 * blink,
  );
  g.closePath();
  g.fillStyle = "#fffdfa";
  g.fill();
  g.clip();
  const ix = x + v(left ? at.eyeYawLeft : at.eyeYawRight) * 0.0058;
  const iy = y + v(at.eyePitch) * 0.006 + 0.01;
  disc(g, ix, iy, 0.15, ink.eyes);
  disc(g, ix, iy, 0.08 * v(at.pupil), "#17110f");
  g.globalAlpha = 0.22;
  disc(g, ix, iy + 0.085, 0.07, "#ffffff");
  g.globalAlpha = 1;
  disc(g, ix - 0.055, iy - 0.065, 0.043, "#ffffff");
  disc(g, ix + 0.055, iy + 0.05, 0.018, "#ffffff");
  g.restore();
  g.strokeStyle = ink.brows;
  g.lineCap = "round";
  g.lineWidth = 0.042;
  g.beginPath();
  g.moveTo(x - w, y + meet * 0.4 * blink);
  g.bezierCurveTo(
    x - w * 0.8,
    y + upper * 1.28,
    x + w * 0.8,
    y + upper * 1.28,
    x + w,
    y + meet * 0.4 * blink,
  );
  g.moveTo(x + side * w, y + meet * 0.4 * blink);
  g.lineTo(x + side * (w + 0.045), y - 0.03 + meet * 0.4 * blink);
  g.stroke();
}

function disc(g: CanvasRenderingContext2D, x: number, y: number, r: number, fill: string): void {
  g.fillStyle = fill;
  g.beginPath();
  g.arc(x, y, r, 0, Math.PI * 2);
  g.fill();
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

function mouth(g: CanvasRenderingContext2D, ink: Inks, f: Features): void {
  const y = 0.58;
  const corner = y - f.curve * (0.6 - 0.5 * Math.min(0.5, f.open));
  const middle = y + f.curve * 0.6;
  const w = f.width;
  const x = f.aside;
  const up = Math.min(middle, corner + 0.05) - 0.28 * f.open;
  const low = middle + 0.95 * f.open;
  g.lineCap = "round";
  if (f.open < 0.015) {
    g.strokeStyle = ink.lip;
    g.lineWidth = 0.05 - 0.016 * f.press;
    g.beginPath();
    g.moveTo(x - w, corner);
    g.quadraticCurveTo(x, middle * 2 - corner, x + w, corner);
    g.stroke();
    return;
  }
  const side = w * (0.55 + 0.45 * f.round);
  g.save();
  g.beginPath();
  g.moveTo(x - w, corner);
  g.bezierCurveTo(x - side, up - (corner - up) * 0.3, x + side, up - (corner - up) * 0.3, x + w, corner);
  g.bezierCurveTo(x + side, low + (low - corner) * 0.3, x - side, low + (low - corner) * 0.3, x - w, corner);
  g.closePath();
  g.fillStyle = "#5c2327";
  g.fill();
  g.clip();
  if (f.tongue > 0.02) {
    g.fillStyle = "#e77f83";
    g.beginPath();
    g.ellipse(x, low + 0.1 - 0.14 * f.tongue, w * 0.62, 0.14 + 0.04 * f.tongue, 0, 0, Math.PI * 2);
    g.fill();
  }
  if (f.teeth > 0.02) {
    g.fillStyle = "#fffdf8";
    g.beginPath();
    g.roundRect(
      x - w * 0.86,
      up - 0.08,
      w * 1.72,
      0.08 + (0.05 + 0.07 * f.teeth + 0.1 * f.bite) * Math.min(1, f.teeth * 2),
      0.04,
    );
    g.fill();
  }
  g.restore();
  if (f.bite > 0.2) {
    g.fillStyle = "#fffdf8";
    g.beginPath();
    g.roundRect(x - w * 0.6, up, w * 1.2, 0.16 * f.bite, 0.035);
    g.fill();
  }
  g.strokeStyle = ink.lip;
  g.lineWidth = 0.045;
  g.beginPath();
  g.moveTo(x - w, corner);
  g.bezierCurveTo(x - side, up - (corner - up) * 0.3, x + side, up - (corner - up) * 0.3, x + w, corner);
  g.bezierCurveTo(x + side, low + (low - corner) * 0.3, x - side, low + (low - corner) * 0.3, x - w, corner);
  g.closePath();
  g.stroke();
}

function fringe(g: CanvasRenderingContext2D, ink: Inks, yaw: number): void {
  const s = yaw * 0.004;
  g.fillStyle = ink.hair;
  g.beginPath();
  g.moveTo(-0.93, 0.02);
  g.bezierCurveTo(-1.08, -0.9, -0.6, -1.3, 0.05, -1.26);
  g.bezierCurveTo(0.75, -1.22, 1.06, -0.75, 0.93, 0.02);
  g.bezierCurveTo(0.9, -0.2, 0.84, -0.32, 0.72 + s, -0.46);
  g.bezierCurveTo(0.6 + s, -0.5, 0.45 + s, -0.62, 0.36 + s, -0.78);
  g.bezierCurveTo(0.1 + s, -0.52, -0.4 + s, -0.42, -0.7 + s, -0.48);
  g.bezierCurveTo(-0.84, -0.32, -0.9, -0.15, -0.93, 0.02);
  g.closePath();
  g.fill();
  g.strokeStyle = ink.gloss;
  g.lineWidth = 0.06;
  g.lineCap = "round";
  g.beginPath();
  g.moveTo(-0.62, -0.82);
  g.quadraticCurveTo(-0.4, -1.04, -0.05, -1.06);
  g.stroke();
}

const mix = (a: number, b: number, u: number): number => a + (b - a) * u;
