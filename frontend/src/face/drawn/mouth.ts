// The mouth: a line, or two lips with what is between them.

import type { Features } from "./features";
import type { Inks } from "./style";

export function mouth(g: CanvasRenderingContext2D, ink: Inks, f: Features): void {
  const y = 0.58;
  const corner = y - f.curve * (0.6 - 0.5 * Math.min(0.5, f.open));
  const middle = y + f.curve * 0.6;
  const w = f.width * 0.94;
  const x = f.aside;
  // The lips part from the line that they are when closed; the upper one ends as flat as a smile is.
  const parted = Math.min(1, f.open / 0.14);
  const up = middle + (Math.min(middle, corner + 0.05) - middle) * parted - 0.28 * f.open;
  const low = middle + 0.74 * f.open;
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
    const shown = 0.13 + 0.07 * f.teeth;
    // Biting, the teeth reach the lower lip; never over it.
    const edge = up + Math.min(1, f.teeth * 2) * Math.max(shown - 0.08, f.bite * (low - up));
    // Clenched, both rows show from corner to corner; biting, the front teeth alone.
    const half = w * (0.86 - 0.38 * f.bite);
    g.beginPath();
    g.roundRect(x - half, up - 0.12, 2 * half, edge - up + 0.12, 0.04);
    g.fill();
  }
  g.restore();
  g.strokeStyle = ink.lip;
  g.lineWidth = 0.045;
  g.beginPath();
  g.moveTo(x - w, corner);
  g.bezierCurveTo(x - side, up - (corner - up) * 0.3, x + side, up - (corner - up) * 0.3, x + w, corner);
  g.bezierCurveTo(x + side, low + (low - corner) * 0.3, x - side, low + (low - corner) * 0.3, x - w, corner);
  g.closePath();
  g.stroke();
}
