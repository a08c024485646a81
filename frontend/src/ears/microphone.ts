// The microphone, frame by frame, each with the probability that it holds a voice. Loaded when it is first wanted:
// the detector (Silero, through vad-web and ONNX Runtime) is larger than all the rest of the page.

import { MicVAD } from "@ricky0123/vad-web";

/** Where vite.config.ts puts the detector's files. */
const ASSETS = `${import.meta.env.BASE_URL}ears/`;

/** Opens the microphone, shows its `stream`; returns what closes it. Rejects with the browser's own error. */
export async function openMicrophone(
  frame: (samples: Float32Array, probability: number) => void,
  stream: (opened: MediaStream) => void,
): Promise<() => void> {
  const runtime = await unpacked(`${ASSETS}runtime.wasm.gz`);
  const detector = await MicVAD.new({
    model: "v5",
    baseAssetPath: ASSETS,
    onnxWASMBasePath: ASSETS,
    startOnLoad: false,
    ortConfig: (ort) => {
      ort.env.logLevel = "error";
      ort.env.wasm.numThreads = 1;
      ort.env.wasm.wasmBinary = runtime;
    },
    getStream: async () => {
      const opened = await navigator.mediaDevices.getUserMedia({
        // Without the first, the avatar would hear itself.
        audio: { channelCount: 1, echoCancellation: true, autoGainControl: true, noiseSuppression: true },
      });
      stream(opened);
      return opened;
    },
    onFrameProcessed: ({ isSpeech }, samples) => frame(samples, isSpeech),
  });
  await detector.start();
  return () => void detector.destroy();
}

/** The runtime is packed by us, not by the server: it is a third of the size, on disk and on the way. */
async function unpacked(url: string): Promise<ArrayBuffer> {
  const response = await fetch(url);
  if (!response.ok || response.body === null) throw new Error(`${url}: ${response.status}`);
  return new Response(response.body.pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
}
