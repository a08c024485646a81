// Packs build/*.glb (written by `python -m frontend.avatar`) with meshopt into ../public/avatar, with looks.json and a
// manifest. Same input bytes give the same output bytes: there is no clock and no chance in here.
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, unlink, writeFile } from "node:fs/promises";
import { NodeIO } from "@gltf-transform/core";
import { EXTMeshoptCompression, KHRMeshQuantization } from "@gltf-transform/extensions";
import { meshopt } from "@gltf-transform/functions";
import { MeshoptEncoder } from "meshoptimizer";

const here = new URL(".", import.meta.url);
const source = new URL("build/", here);
const target = new URL("../public/avatar/", here);

// The same hash as manifest.py: name, NUL, content, NUL of every generator module, this packer and its lock file.
const digest = createHash("sha256");
const modules = (await readdir(here)).filter((n) => n.endsWith(".py"));
for (const name of [...modules, "compress.mjs", "package-lock.json"].sort())
  digest
    .update(`${name}\0`)
    .update(await readFile(new URL(name, here)))
    .update("\0");
const sources = digest.digest("hex");
const stamp = await readFile(new URL("sources.sha256", source), "utf8").catch(() => "");
if (stamp !== sources) {
  console.error("build/ is not from these sources: run `python -m frontend.avatar` first");
  process.exit(1);
}

await MeshoptEncoder.ready;
await mkdir(target, { recursive: true });
const io = new NodeIO()
  .registerExtensions([EXTMeshoptCompression, KHRMeshQuantization])
  .registerDependencies({ "meshopt.encoder": MeshoptEncoder });
const looks = JSON.parse(await readFile(new URL("looks.json", source), "utf8"));
const files = {};
for (const look of looks.looks) {
  const document = await io.readBinary(new Uint8Array(await readFile(new URL(look.file, source))));
  document.setLogger({ debug() {}, info() {}, warn() {}, error: console.error });
  await document.transform(meshopt({ encoder: MeshoptEncoder, level: "high" }));
  const packed = await io.writeBinary(document);
  await writeFile(new URL(look.file, target), packed);
  look.bytes = packed.byteLength;
  files[look.file] = { bytes: packed.byteLength, sha256: createHash("sha256").update(packed).digest("hex") };
  console.log(`${look.file}: ${packed.byteLength} bytes`);
}
for (const name of await readdir(target))
  if (name.endsWith(".glb") && !(name in files)) await unlink(new URL(name, target));
await writeFile(new URL("looks.json", target), `${JSON.stringify(looks, null, 2)}\n`);
await writeFile(new URL("manifest.json", target), `${JSON.stringify({ sources, files }, null, 2)}\n`);
