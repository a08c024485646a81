import { ShaderChunk, ShaderLib } from "three";
import { expect, it } from "vitest";
import { DIFFUSE, FACING } from "./shading";

// The materials replace pieces of three.js's shaders; when an update moves one of these, the face would silently
// look different.
it("finds the pieces of three.js that it replaces", () => {
  expect(ShaderChunk.lights_physical_pars_fragment).toContain(DIFFUSE);
  expect(ShaderChunk.normal_fragment_begin).toContain(FACING);
  const { vertexShader, fragmentShader } = ShaderLib.physical;
  for (const piece of ["common", "begin_vertex"]) expect(vertexShader).toContain(`#include <${piece}>`);
  for (const piece of [
    "common",
    "color_fragment",
    "opaque_fragment",
    "normal_fragment_begin",
    "lights_fragment_end",
    "lights_physical_pars_fragment",
  ]) {
    expect(fragmentShader).toContain(`#include <${piece}>`);
  }
});
