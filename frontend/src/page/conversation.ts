// What was said, as the transcript shows it: a pure fold over the server's messages.

import type { Cost, FromServer, Latency, Source, TurnStarted } from "../wire";

export interface Exchange {
  /** Unique in this page, also when the server counts its turns afresh. */
  readonly id: number;
  readonly turn: number;
  readonly origin: TurnStarted["source"];
  readonly asked: string;
  readonly answer: string;
  readonly state: "thinking" | "answering" | "complete" | "failed" | "cancelled";
  /** What the history keeps of an answer that was cut short. */
  readonly heard: string;
  readonly sources: readonly Source[];
  readonly latency: Latency | null;
  readonly cost: Cost | null;
}

export interface Conversation {
  readonly exchanges: readonly Exchange[];
  readonly ids: number;
}

export const EMPTY: Conversation = { exchanges: [], ids: 0 };

/** Exchanges kept; an afternoon's talk, and a bound on what a page holds. */
const KEPT = 100;
/** Marks exchanges of a session that is gone: its turn numbers mean nothing any more. */
const GONE = -1;

export function follow(conversation: Conversation, message: FromServer): Conversation {
  switch (message.type) {
    case "ready":
      return message.resumed ? conversation : change(conversation, () => true, part);
    case "turn_started":
      return start(conversation, message);
    case "text":
      return change(conversation, of(message.turn), (one) => ({
        ...one,
        answer: one.answer + message.delta,
        state: "answering",
      }));
    case "turn_ended":
      return change(conversation, of(message.turn), (one) => ({
        ...one,
        state: one.state === "cancelled" ? "cancelled" : message.why,
        sources: message.sources,
        latency: message.latency,
        cost: message.cost,
      }));
    case "cancelled":
      return change(conversation, of(message.turn), (one) => ({
        ...one,
        state: "cancelled",
        heard: message.heard,
      }));
    default:
      return conversation;
  }
}

/** The exchange of `turn` in the session that is going on. */
export function exchange(conversation: Conversation, turn: number): Exchange | undefined {
  return conversation.exchanges.findLast((one) => one.turn === turn);
}

function start(conversation: Conversation, message: TurnStarted): Conversation {
  const id = conversation.ids + 1;
  const made: Exchange = {
    id,
    turn: message.turn,
    origin: message.source,
    asked: message.text,
    answer: "",
    state: "thinking",
    heard: "",
    sources: [],
    latency: null,
    cost: null,
  };
  return { exchanges: [...conversation.exchanges, made].slice(-KEPT), ids: id };
}

const of = (turn: number) => (one: Exchange) => one.turn === turn;

function part(one: Exchange): Exchange {
  const over = one.state === "thinking" || one.state === "answering";
  return { ...one, turn: GONE, state: over ? "failed" : one.state };
}

function change(
  conversation: Conversation,
  which: (one: Exchange) => boolean,
  how: (one: Exchange) => Exchange,
): Conversation {
  return {
    ...conversation,
    exchanges: conversation.exchanges.map((one) => (which(one) ? how(one) : one)),
  };
}
