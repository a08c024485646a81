import { ShaderChunk, ShaderLib } from "three";
import { expect, it } from "vitest";
import { DIFFUSE } from "./shading";

// The materials replace pieces of three.js's shaders; when an update moves one of these, the face would silently
// look different.
it("finds the pieces of three.js that it replaces", () => {
  expect(ShaderChunk.lights_physical_pars_fragment).toContain(DIFFUSE);
  const { vertexShader, fragmentShader } = ShaderLib.physical;
  for (const piece of ["common", "begin_vertex"]) expect(vertexShader).toContain(`#include <${piece}>`);
  for (const piece of [
    "common",
    "color_fragment",
    "opaque_fragment",
    "lights_fragment_end",
    "lights_physical_pars_fragment",
  ]) {
    expect(fragmentShader).toContain(`#include <${piece}>`);
  }
});
