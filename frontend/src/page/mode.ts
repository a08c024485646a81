// How the avatar carries itself, from what goes on.

import type { Mode } from "../face/contract";

export interface Situation {
  /** The connection stands, or was lost only a moment ago. */
  readonly connected: boolean;
  /** Sound of a turn is heard or about to go on. */
  readonly speaking: boolean;
  /** A turn began and nothing of it was heard yet. */
  readonly pending: boolean;
  /** The person is speaking or typing. */
  readonly attending: boolean;
  /** The person cut in a moment ago. */
  readonly interrupted: boolean;
  /** Something was said a moment ago, and no word of it could be made out. */
  readonly puzzled: boolean;
}

export function mode(now: Situation): Mode {
  if (!now.connected && !now.speaking) return "offline";
  if (now.interrupted) return "interrupted";
  if (now.speaking) return "speaking";
  if (now.puzzled && !now.pending) return "confused";
  if (now.attending) return "listening";
  return now.pending ? "thinking" : "idle";
}
