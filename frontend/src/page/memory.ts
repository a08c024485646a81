// The transcript outlives a reload of the page, as the session does. Kept for this tab only, and only while away.

import { type Conversation, EMPTY } from "./conversation";

const KEPT = "visavis.transcript";

export function remember(conversation: Conversation): void {
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(conversation));
  } catch {
    // Storage may be forbidden or full; the transcript then begins anew.
  }
}

export function recollect(): Conversation {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
    sessionStorage.removeItem(KEPT);
    return isConversation(kept) ? kept : EMPTY;
  } catch {
    return EMPTY;
  }
}

// Only this page writes it, so its outline is enough to tell it from an older version's.
function isConversation(kept: unknown): kept is Conversation {
  if (typeof kept !== "object" || kept === null || !("exchanges" in kept) || !("ids" in kept)) return false;
  const { exchanges } = kept;
  return (
    Array.isArray(exchanges) &&
    exchanges.every((one) => typeof one?.id === "number" && Array.isArray(one.sources))
  );
}
