// One eye: white, iris, pupil and catch-lights between two lids that meet.

import { at, type Pose } from "../motion/channels";
import type { Inks } from "./style";

const LASH = "#1a100d";

/** `side` 1 is the avatar's left eye, on the right of the picture. */
export function eye(g: CanvasRenderingContext2D, pose: Pose, ink: Inks, lash: number, side: 1 | -1): void {
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
  const corner = y + meet * 0.4 * blink;
  const upperLid = (): void => {
    const middle = y + upper * 1.28;
    g.moveTo(x - w, corner);
    g.bezierCurveTo(x - w * 0.8, middle, x + w * 0.8, middle, x + w, corner);
  };
  g.save();
  g.beginPath();
  upperLid();
  g.bezierCurveTo(x + w * 0.8, y + lower * 1.28, x - w * 0.8, y + lower * 1.28, x - w, corner);
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
  g.strokeStyle = LASH;
  g.lineCap = "round";
  g.lineWidth = 0.028 + 0.02 * lash;
  g.beginPath();
  upperLid();
  if (lash > 0.5) {
    g.moveTo(x + side * w, corner);
    g.lineTo(x + side * (w + 0.05), corner - 0.045);
  }
  g.stroke();
}

function disc(g: CanvasRenderingContext2D, x: number, y: number, r: number, fill: string): void {
  g.fillStyle = fill;
  g.beginPath();
  g.arc(x, y, r, 0, Math.PI * 2);
  g.fill();
}

const mix = (a: number, b: number, u: number): number => a + (b - a) * u;
