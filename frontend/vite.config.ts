import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { defineConfig, type Plugin } from "vite";

// The voice activity detector asks for these by name: a worklet, Silero's model, and the runtime of the model, which
// is packed (src/ears/microphone.ts unpacks it) because it is large.
function detector(): Plugin {
  // Not by require: neither package lets its files be asked for by name.
  const from = (file: string) => readFileSync(new URL(`node_modules/${file}`, import.meta.url));
  return {
    name: "detector",
    generateBundle() {
      for (const file of ["vad.worklet.bundle.min.js", "silero_vad_v5.onnx"]) {
        this.emitFile({
          type: "asset",
          fileName: `ears/${file}`,
          source: from(`@ricky0123/vad-web/dist/${file}`),
        });
      }
      const glue = "ort-wasm-simd-threaded.mjs";
      this.emitFile({
        type: "asset",
        fileName: `ears/${glue}`,
        source: from(`onnxruntime-web/dist/${glue}`),
      });
      const runtime = gzipSync(from("onnxruntime-web/dist/ort-wasm-simd-threaded.wasm"), { level: 9 });
      this.emitFile({ type: "asset", fileName: "ears/runtime.wasm.gz", source: runtime });
    },
  };
}

// The page itself is a jinja2 template of the server; Vite builds only what it loads. The manifest tells the
// template the hashed names.
export default defineConfig({
  base: "/static/",
  plugins: [detector()],
  build: {
    manifest: true,
    target: "es2022",
    // three.js is one chunk, loaded after the page is usable.
    chunkSizeWarningLimit: 700,
    rollupOptions: { input: ["src/main.ts", "src/costs/main.ts"] },
  },
});
