// The size of an image from its first bytes, without decoding it: a small file can unpack to gigabytes.

export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

const text = (b: Uint8Array, at: number, length: number): string =>
  String.fromCharCode(...b.subarray(at, at + length));

/** PNG, JPEG, WebP, AVIF; undefined for anything else. */
export function imageSize(bytes: Uint8Array): ImageSize | undefined {
  if (bytes.length < 30) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (text(bytes, 1, 3) === "PNG") return { width: view.getUint32(16), height: view.getUint32(20) };
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return jpeg(view);
  if (text(bytes, 0, 4) === "RIFF" && text(bytes, 8, 4) === "WEBP") return webp(bytes, view);
  if (text(bytes, 4, 4) === "ftyp") return avif(bytes, view);
  return undefined;
}

function jpeg(view: DataView): ImageSize | undefined {
  let at = 2;
  while (at + 9 < view.byteLength) {
    if (view.getUint8(at) !== 0xff) return undefined;
    const marker = view.getUint8(at + 1);
    // Start of frame, any kind, but not the tables that share its range of numbers.
    if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc) {
      return { width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
    }
    at += 2 + view.getUint16(at + 2);
  }
  return undefined;
}

function webp(bytes: Uint8Array, view: DataView): ImageSize | undefined {
  switch (text(bytes, 12, 4)) {
    case "VP8 ":
      return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
    case "VP8L": {
      const bits = view.getUint32(21, true);
      return { width: (bits & 0x3fff) + 1, height: ((bits >> 14) & 0x3fff) + 1 };
    }
    case "VP8X":
      return {
        width: 1 + (view.getUint32(24, true) & 0xffffff),
        height: 1 + (view.getUint16(27, true) | (view.getUint8(29) << 16)),
      };
  }
  return undefined;
}

/** The first image spatial extents box ("ispe"), which lies near the start. */
function avif(bytes: Uint8Array, view: DataView): ImageSize | undefined {
  const end = Math.min(bytes.length - 16, 4096);
  for (let at = 8; at < end; at++) {
    if (bytes[at] === 0x69 && text(bytes, at, 4) === "ispe") {
      return { width: view.getUint32(at + 8), height: view.getUint32(at + 12) };
    }
  }
  return undefined;
}
