// The binary frames of the socket: a header of 16 bytes, then int16 mono PCM (backend/wire.py, HEADER).

export const SOURCE_RATE = 24_000;
const HEADER_BYTES = 16;
const VERSION = 1;
const SPEECH = 1;
const LAST = 1;

export interface SoundFrame {
  readonly seq: number;
  readonly turn: number;
  readonly line: number;
  readonly chunk: number;
  /** The last chunk of its line (it may be empty). */
  readonly last: boolean;
  /** Mono, 24 kHz. */
  readonly pcm: Int16Array;
}

/** The frame in `bytes`, or null when it is none that this client understands. */
export function unpack(bytes: ArrayBuffer): SoundFrame | null {
  if (bytes.byteLength < HEADER_BYTES || bytes.byteLength % 2 !== 0) return null;
  const view = new DataView(bytes);
  if (view.getUint8(0) !== VERSION || view.getUint8(1) !== SPEECH) return null;
  return {
    last: (view.getUint8(2) & LAST) !== 0,
    seq: view.getUint32(4, true),
    turn: view.getUint32(8, true),
    line: view.getUint16(12, true),
    chunk: view.getUint16(14, true),
    pcm: samples(bytes),
  };
}

// Typed arrays have the byte order of the machine, the wire is little-endian. No big-endian machine runs a
// current browser, so the cheap view is right everywhere.
function samples(bytes: ArrayBuffer): Int16Array {
  return new Int16Array(bytes, HEADER_BYTES);
}

/** The same sound as floats of -1..1. */
export function floats(pcm: Int16Array): Float32Array {
  const out = new Float32Array(pcm.length);
  for (let i = 0; i < pcm.length; i++) out[i] = (pcm[i] as number) / 32_768;
  return out;
}
