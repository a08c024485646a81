// Packs build/*.glb (written by the Python generator) with meshopt into ../public/avatar, and writes looks.json
// with each file's size. Same input bytes give the same output bytes: the packer has no clock and no chance in it.
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { NodeIO } from '@gltf-transform/core';
import { EXTMeshoptCompression, KHRMeshQuantization } from '@gltf-transform/extensions';
import { meshopt } from '@gltf-transform/functions';
import { MeshoptEncoder } from 'meshoptimizer';

const here = new URL('.', import.meta.url);
const source = new URL('build/', here);
const target = new URL('../public/avatar/', here);

await MeshoptEncoder.ready;
const io = new NodeIO()
  .registerExtensions([EXTMeshoptCompression, KHRMeshQuantization])
  .registerDependencies({ 'meshopt.encoder': MeshoptEncoder });
const sizes = {};
for (const name of (await readdir(source)).filter((n) => n.endsWith('.glb')).sort()) {
  const document = await io.readBinary(new Uint8Array(await readFile(new URL(name, source))));
  await document.transform(meshopt({ encoder: MeshoptEncoder, level: 'high' }));
  const packed = await io.writeBinary(document);
  await writeFile(new URL(name, target), packed);
  sizes[name] = packed.byteLength;
  console.log(`${name}: ${packed.byteLength} bytes`);
}
const looks = JSON.parse(await readFile(new URL('looks.json', source), 'utf8'));
for (const look of looks.looks) look.bytes = sizes[look.file];
await writeFile(new URL('looks.json', target), `${JSON.stringify(looks, null, 2)}\n`);
