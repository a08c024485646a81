import { defineConfig } from "vite";

// The page itself is a jinja2 template of the server; Vite builds only what it loads. The manifest tells the
// template the hashed names.
export default defineConfig({
  base: "/static/",
  build: {
    manifest: true,
    target: "es2022",
    // three.js is one chunk, loaded after the page is usable.
    chunkSizeWarningLimit: 700,
    rollupOptions: { input: ["src/main.ts", "src/costs/main.ts"] },
  },
});
