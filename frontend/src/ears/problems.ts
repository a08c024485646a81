// What to tell a person whose browser does not listen, in one plain sentence and one thing to do.

export interface Problem {
  readonly text: string;
  readonly action: string;
}

const TYPE = "You can type instead.";

const PROBLEMS: Readonly<Record<string, Problem>> = {
  unsupported: {
    text: "This browser cannot turn speech into words.",
    action: `Chrome, Edge and Safari can. ${TYPE}`,
  },
  "not-allowed": {
    text: "The microphone is blocked for this page.",
    action: `Allow it beside the address, then press the microphone again. ${TYPE}`,
  },
  "service-not-allowed": {
    text: "This browser does not allow speech recognition here.",
    action: `Its settings or your organisation may have switched it off. ${TYPE}`,
  },
  "server-instead": {
    text: "The browser's speech recognition does not work here.",
    action: "The server listens instead: your voice goes there while you speak.",
  },
  fetching: {
    text: "The server is fetching what it needs to hear you.",
    action: `Press the microphone again in a minute. ${TYPE}`,
  },
  "no-server-ears": {
    text: "The server cannot hear.",
    action: TYPE,
  },
  detector: {
    text: "This browser cannot run what tells speech from silence.",
    action: TYPE,
  },
  "audio-capture": {
    text: "No microphone was found.",
    action: `Connect one and press the microphone again. ${TYPE}`,
  },
  network: {
    text: "The browser's speech recognition cannot be reached.",
    action: `It needs the network, and some browsers come without it. ${TYPE}`,
  },
  "language-not-supported": {
    text: "The browser's speech recognition does not know this language.",
    action: `Another one can be chosen in the settings. ${TYPE}`,
  },
};

export function problem(code: string): Problem {
  return (
    PROBLEMS[code] ?? { text: "Listening failed.", action: `Press the microphone to try again. ${TYPE}` }
  );
}
