// Clothes, glasses, a moustache.

import type { Features } from "./features";
import type { Clothes, Inks, Style } from "./style";

export function garment(g: CanvasRenderingContext2D, ink: Inks, clothes: Clothes): void {
  if (clothes === "hoodie") hood(g, ink);
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
  g.lineCap = "round";
  g.lineJoin = "round";
  COLLARS[clothes](g, ink);
}

type Collar = (g: CanvasRenderingContext2D, ink: Inks) => void;

const COLLARS: Readonly<Record<Clothes, Collar>> = {
  crew(g, ink) {
    g.strokeStyle = ink.trim;
    g.lineWidth = 0.1;
    neckline(g);
  },
  hoodie(g, ink) {
    g.strokeStyle = ink.fold;
    g.lineWidth = 0.16;
    neckline(g);
    g.strokeStyle = ink.trim;
    g.lineWidth = 0.045;
    for (let side = -1; side <= 1; side += 2) {
      g.beginPath();
      g.moveTo(side * 0.2, 1.4);
      g.quadraticCurveTo(side * 0.24, 1.55, side * 0.2, 1.7);
      g.stroke();
    }
  },
  turtle(g, ink) {
    g.fillStyle = ink.clothes;
    g.beginPath();
    g.roundRect(-0.4, 0.86, 0.8, 0.6, 0.18);
    g.fill();
    g.strokeStyle = ink.fold;
    g.lineWidth = 0.04;
    g.beginPath();
    g.moveTo(-0.36, 1.12);
    g.quadraticCurveTo(0, 1.28, 0.36, 1.12);
    g.stroke();
  },
  polo(g, ink) {
    g.fillStyle = ink.fold;
    for (let side = -1; side <= 1; side += 2) {
      g.beginPath();
      g.moveTo(side * 0.32, 0.96);
      g.quadraticCurveTo(side * 0.52, 1.02, side * 0.5, 1.2);
      g.lineTo(side * 0.28, 1.5);
      g.lineTo(side * 0.03, 1.32);
      g.quadraticCurveTo(side * 0.24, 1.24, side * 0.32, 0.96);
      g.closePath();
      g.fill();
    }
    g.fillStyle = ink.trim;
    g.beginPath();
    g.arc(0, 1.5, 0.035, 0, Math.PI * 2);
    g.fill();
  },
};

function neckline(g: CanvasRenderingContext2D): void {
  g.beginPath();
  g.moveTo(-0.43, 1.13);
  g.bezierCurveTo(-0.27, 1.46, 0.27, 1.46, 0.43, 1.13);
  g.stroke();
}

function hood(g: CanvasRenderingContext2D, ink: Inks): void {
  g.fillStyle = ink.fold;
  g.beginPath();
  g.ellipse(0, 1.1, 0.66, 0.32, 0, 0, Math.PI * 2);
  g.fill();
}

/** Centre of the avatar's left eye; the glasses sit around it. */
const EYE_X = 0.36;
const EYE_Y = 0.03;

export function glasses(g: CanvasRenderingContext2D, ink: Inks, kind: NonNullable<Style["glasses"]>): void {
  g.strokeStyle = ink.frame;
  g.lineWidth = 0.042;
  g.lineCap = "round";
  g.beginPath();
  for (let side = -1; side <= 1; side += 2) {
    const x = side * EYE_X;
    if (kind === "round") {
      g.moveTo(x + 0.3, EYE_Y);
      g.arc(x, EYE_Y, 0.3, 0, Math.PI * 2);
    } else g.roundRect(x - 0.3, EYE_Y - 0.25, 0.6, 0.52, 0.12);
    g.moveTo(side * (EYE_X + 0.3), EYE_Y - 0.04);
    g.lineTo(side * 0.84, EYE_Y - 0.08);
  }
  g.moveTo(-EYE_X + 0.3, EYE_Y - 0.03);
  g.quadraticCurveTo(0, EYE_Y - 0.1, EYE_X - 0.3, EYE_Y - 0.03);
  g.stroke();
}

export function moustache(g: CanvasRenderingContext2D, ink: Inks, f: Features): void {
  g.save();
  g.translate(f.aside, -0.1 * f.open);
  g.fillStyle = ink.hair;
  g.strokeStyle = ink.gloss;
  g.beginPath();
  g.moveTo(0, 0.44);
  g.bezierCurveTo(0.1, 0.38, 0.28, 0.42, 0.36, 0.55);
  g.bezierCurveTo(0.24, 0.57, 0.1, 0.57, 0, 0.52);
  g.bezierCurveTo(-0.1, 0.57, -0.24, 0.57, -0.36, 0.55);
  g.bezierCurveTo(-0.28, 0.42, -0.1, 0.38, 0, 0.44);
  g.closePath();
  g.fill();
  g.restore();
}
