// Hair, as two flat shapes: one behind the head, one before it, and a few strokes of light.

import type { Hair, Inks } from "./style";

interface Shape {
  readonly behind: Path2D;
  readonly front: Path2D;
  /** Strokes of light, and how wide they are. */
  readonly gloss: Path2D;
  readonly fine: number;
  /** Thin hair at the temples. */
  readonly fade?: Path2D;
}

/** Curls: circles of radius `r` on an ellipse about (0, y), from one angle to another (radians, 0 is right). */
function curls(
  path: Path2D,
  y: number,
  width: number,
  height: number,
  from: number,
  to: number,
  count: number,
  r: number,
): Path2D {
  for (let i = 0; i < count; i++) {
    const angle = from + ((to - from) * i) / (count - 1);
    const at = [width * Math.cos(angle), y + height * Math.sin(angle)] as const;
    // No two curls of a head are alike, and the same ones each time.
    const own = r * (1 + 0.16 * Math.sin(i * 2.4));
    path.moveTo(at[0] + own, at[1]);
    path.arc(at[0], at[1], own, 0, Math.PI * 2);
  }
  return path;
}

/** The light on a few curls: the upper left of each. */
function shine(y: number, width: number, height: number, from: number, to: number, r: number): Path2D {
  const path = new Path2D();
  for (let i = 0; i < 5; i++) {
    const angle = from + ((to - from) * i) / 4;
    const reach = i % 2 ? 0.8 : 1;
    const [x, top] = [reach * width * Math.cos(angle), y + reach * height * Math.sin(angle)];
    path.moveTo(x - r, top);
    path.arc(x, top, r, Math.PI, Math.PI * 1.55);
  }
  return path;
}

const SKULL =
  "M-.93 .02C-1.02-.75-.62-1.2 0-1.2C.62-1.2 1.02-.75 .93 .02C.92 .2 .6 .4 0 .4C-.6 .4-.92 .2-.93 .02Z";

function make(hair: Hair): Shape {
  switch (hair) {
    case "waves":
      return {
        behind: new Path2D(
          "M0-1.22C-.75-1.24-1.1-.75-1.1-.1C-1.1 .35-1.12 .6-1.05 1L-.92 .9L-.78 1.06L-.62 .9L-.46 1L-.3 .8L.3 .8L.46 1L.62 .9L.78 1.06L.92 .9L1.05 1C1.12 .6 1.1 .35 1.1-.1C1.1-.75 .75-1.24 0-1.22Z",
        ),
        front: new Path2D(
          "M.14-1.04C0-.82-.4-.8-.6-.56C-.78-.34-.76-.05-.8 .25C-.83 .5-.82 .74-.88 .96C-1.08 .7-1.12 .3-1.1-.1C-1.1-.8-.7-1.28-.06-1.25C.06-1.24 .14-1.16 .14-1.04Z" +
            "M.12-1.04C.24-.84 .48-.8 .62-.6C.78-.36 .76-.05 .8 .25C.83 .5 .82 .74 .88 .96C1.08 .7 1.12 .3 1.1-.1C1.1-.8 .7-1.26 .06-1.25C.08-1.2 .1-1.12 .12-1.04Z",
        ),
        gloss: new Path2D(
          "M-.86-.55C-.72-.88-.46-1.06-.16-1.1M-.98-.2C-.97 .1-.97 .4-.98 .6M.9-.4C.86-.66 .76-.84 .6-.98",
        ),
        fine: 0.035,
      };
    case "bun":
      return {
        behind: curls(new Path2D(SKULL), -1.34, 0.08, 0.04, 0, 5, 4, 0.3),
        front: new Path2D(
          "M-.9 0C-1.02-.85-.6-1.2 0-1.2C.6-1.2 1.02-.85 .9 0C.9 .2 .9 .32 .87 .46C.83 .25 .82-.1 .76-.38L.66-.58L.57-.47L.48-.62L.38-.49L.28-.64L.18-.5L.08-.65L-.02-.5L-.12-.64L-.22-.5L-.32-.63L-.42-.49L-.51-.61L-.6-.46L-.67-.58L-.76-.38C-.82-.1-.83 .25-.87 .46C-.9 .32-.9 .2-.9 0Z",
        ),
        gloss: new Path2D(
          "M-.5-.82C-.44-.94-.32-1.03-.16-1.07M-.2-.8C-.18-.88-.12-.95-.04-.98M-.14-1.5C-.06-1.56 .06-1.56 .14-1.5",
        ),
        fine: 0.035,
      };
    case "crop":
      return {
        behind: new Path2D(),
        front: curls(
          new Path2D("M-.8-.52C-.82-1.12-.4-1.18 0-1.18C.4-1.18 .82-1.12 .8-.52C.5-.74-.5-.74-.8-.52Z"),
          -0.44,
          0.7,
          0.6,
          Math.PI * 1.06,
          Math.PI * 1.94,
          11,
          0.16,
        ),
        gloss: shine(-0.4, 0.66, 0.6, Math.PI * 1.15, Math.PI * 1.6, 0.1),
        fine: 0.03,
        fade: new Path2D(
          "M-.85-.02C-.9-.3-.9-.5-.8-.62L-.68-.6C-.76-.45-.79-.25-.8-.02ZM.85-.02C.9-.3 .9-.5 .8-.62L.68-.6C.76-.45 .79-.25 .8-.02Z",
        ),
      };
    case "swept_back":
      return {
        behind: new Path2D(SKULL),
        front: new Path2D(
          "M-.9 .02C-1.02-.6-.88-1.08-.42-1.2C-.16-1.38 .32-1.38 .5-1.22C.9-1.06 1.02-.6 .9 .02C.86-.2 .82-.38 .72-.54C.56-.76 .3-.84 0-.84C-.3-.84-.56-.76-.72-.54C-.82-.38-.86-.2-.9 .02Z",
        ),
        gloss: new Path2D(
          "M-.74-.66C-.78-.8-.74-.92-.66-1.02M-.48-.82C-.52-.94-.46-1.06-.38-1.14M-.2-.9C-.24-1.02-.18-1.16-.1-1.24M.12-.9C.12-1.02 .18-1.14 .26-1.22M.42-.84C.44-.96 .5-1.04 .56-1.1M.7-.7C.74-.8 .76-.86 .76-.92",
        ),
        fine: 0.03,
      };
    case "afro":
      return {
        behind: curls(
          new Path2D("M-1.02-.3A1.02 1 0 0 1 1.02-.3A1.02 .8 0 0 1-1.02-.3Z"),
          -0.36,
          1.02,
          0.95,
          Math.PI * 0.84,
          Math.PI * 2.16,
          15,
          0.25,
        ),
        front: curls(
          new Path2D(
            "M-.92-.1C-1-.9-.5-1.24 0-1.24C.5-1.24 1-.9 .92-.1C.88-.42 .7-.62 .45-.7C.2-.78-.2-.78-.45-.7C-.7-.62-.88-.42-.92-.1Z",
          ),
          -0.14,
          0.85,
          0.62,
          Math.PI * 1.08,
          Math.PI * 1.92,
          12,
          0.12,
        ),
        gloss: shine(-0.3, 0.98, 0.96, Math.PI * 1.06, Math.PI * 1.5, 0.15),
        fine: 0.035,
      };
    default:
      return {
        behind: new Path2D(SKULL),
        front: new Path2D(
          "M-.93 .02C-1.08-.9-.6-1.3 .05-1.26C.75-1.22 1.06-.75 .93 .02C.9-.2 .84-.32 .72-.46C.6-.5 .45-.62 .36-.78C.1-.52-.4-.42-.7-.48C-.84-.32-.9-.15-.93 .02Z",
        ),
        gloss: new Path2D("M-.62-.82Q-.4-1.04-.05-1.06"),
        fine: 0.06,
      };
  }
}

const made = new Map<Hair, Shape>();

function shape(hair: Hair): Shape {
  let found = made.get(hair);
  if (!found) {
    found = make(hair);
    made.set(hair, found);
  }
  return found;
}

export function hairBehind(g: CanvasRenderingContext2D, ink: Inks, hair: Hair): void {
  g.fillStyle = ink.hair;
  g.fill(shape(hair).behind);
}

export function hairFront(g: CanvasRenderingContext2D, ink: Inks, hair: Hair, yaw: number): void {
  const { front, gloss, fine, fade } = shape(hair);
  g.save();
  g.translate(yaw * 0.003, 0);
  g.fillStyle = ink.hair;
  if (fade) {
    g.globalAlpha = 0.6;
    g.fill(fade);
    g.globalAlpha = 1;
  }
  g.fill(front);
  // Locks end round, not in needles.
  g.strokeStyle = ink.hair;
  g.lineWidth = 0.03;
  g.lineJoin = "round";
  g.stroke(front);
  g.strokeStyle = ink.gloss;
  g.lineWidth = fine;
  g.lineCap = "round";
  g.stroke(gloss);
  g.restore();
}
