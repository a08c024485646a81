// Builds the stage for the image tests; where to is said on the command line (--outDir).
export default {
  root: import.meta.dirname,
  base: "./",
  publicDir: false,
  build: { target: "es2022", emptyOutDir: true, rollupOptions: { input: `${import.meta.dirname}/stage.html` } },
};
