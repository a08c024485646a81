// Whether two pictures look alike: their difference in Oklab (Ottosson 2020), after a blur that forgives what
// another rasteriser does to an edge.

/** The picture on calm ground, at `pixels` square, averaged down. */
export function tile(canvas: HTMLCanvasElement, pixels: number): ImageData {
  const small = new OffscreenCanvas(pixels, pixels);
  const g = small.getContext("2d") as OffscreenCanvasRenderingContext2D;
  g.fillStyle = "#e9dfd2";
  g.fillRect(0, 0, pixels, pixels);
  g.imageSmoothingQuality = "high";
  g.drawImage(canvas, 0, 0, pixels, pixels);
  return g.getImageData(0, 0, pixels, pixels);
}

const linear = (v: number): number => (v <= 10.3 ? v / 3294.6 : ((v / 255 + 0.055) / 1.055) ** 2.4);

/** Lightness, a, b of each pixel, blurred over 3 x 3. */
function oklab({ data, width, height }: ImageData): Float32Array {
  const lab = new Float32Array(width * height * 3);
  for (let i = 0; i < width * height; i++) {
    const [r, g, b] = [linear(data[i * 4] as number), linear(data[i * 4 + 1] as number), linear(data[i * 4 + 2] as number)];
    const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
    const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
    const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
    lab[i * 3] = 0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s;
    lab[i * 3 + 1] = 1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s;
    lab[i * 3 + 2] = 0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s;
  }
  const soft = new Float32Array(lab.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < 3; c++) {
        let sum = 0;
        let n = 0;
        for (let v = Math.max(0, y - 1); v <= Math.min(height - 1, y + 1); v++) {
          for (let u = Math.max(0, x - 1); u <= Math.min(width - 1, x + 1); u++) {
            sum += lab[(v * width + u) * 3 + c] as number;
            n++;
          }
        }
        soft[(y * width + x) * 3 + c] = sum / n;
      }
    }
  }
  return soft;
}

/** Mean difference of the most different hundredth of the picture: 0 the same, 1 black and white. */
export function distance(a: ImageData, b: ImageData): number {
  const [x, y] = [oklab(a), oklab(b)];
  const off = new Float32Array(x.length / 3);
  for (let i = 0; i < off.length; i++) {
    const d = [0, 1, 2].map((c) => (x[i * 3 + c] as number) - (y[i * 3 + c] as number)) as [number, number, number];
    off[i] = Math.hypot(...d);
  }
  off.sort();
  const most = off.subarray(Math.floor(off.length * 0.99));
  return most.reduce((sum, v) => sum + v, 0) / most.length;
}
