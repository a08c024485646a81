// Contact sheets into docs/avatar: `node sheets.mjs [names...] [--out DIR] [--png]`. Needs chromium (CHROMIUM=path, else /usr/bin/chromium).
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { dirname, extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const here = dirname(fileURLToPath(import.meta.url));
const args = process.argv.slice(2);
const flag = (name, fallback) => (args.includes(name) ? args.splice(args.indexOf(name), 2)[1] : fallback);
const out = flag("--out", join(here, "../../docs/avatar"));
const png = args.includes("--png") && args.splice(args.indexOf("--png"), 1);

const roots = {
  three: join(here, "node_modules/three"),
  avatar: join(here, "../public/avatar"),
  viewer: join(here, "viewer"),
};
const types = {
  ".js": "text/javascript",
  ".html": "text/html",
  ".json": "application/json",
  ".glb": "model/gltf-binary",
};
const server = createServer(async (request, response) => {
  const [, top, ...rest] = normalize(new URL(request.url, "http://x").pathname).split("/");
  try {
    const body = await readFile(join(roots[top] ?? "", ...rest));
    response
      .writeHead(200, { "content-type": types[extname(request.url)] ?? "application/octet-stream" })
      .end(body);
  } catch {
    response.writeHead(404).end();
  }
});
await new Promise((done) => server.listen(0, "127.0.0.1", done));

const { looks, presets } = JSON.parse(await readFile(join(roots.avatar, "looks.json"), "utf8"));
const { rhubarb, emotions } = JSON.parse(await readFile(join(here, "poses.json"), "utf8"));
const smile = { mouthSmileLeft: 0.3, mouthSmileRight: 0.3, cheekSquintLeft: 0.1, cheekSquintRight: 0.1 };
const face = { dist: 0.64, y: -0.022 };
const turns = {
  joy: [-6, 0, 4],
  sadness: [5, 9, -3],
  anger: [0, 7, 0],
  surprise: [4, -4, 0],
  fear: [6, -2, 3],
  disgust: [-9, -3, -3],
};
const ids = looks.map((l) => l.id);
const tile = (entries, common) => entries.map(([title, extra]) => ({ title, ...common, ...extra }));
const sheets = {
  looks: {
    columns: 3,
    size: 460,
    tiles: looks.map((l, i) => ({
      title: l.name,
      look: l.id,
      weights: smile,
      yaw: [-14, 12, -10, 14, -12, 10][i % 6],
    })),
  },
  phone: {
    columns: 6,
    size: 160,
    tiles: [
      ...looks.map((l) => ({ look: l.id, weights: smile, title: l.name })),
      ...looks.map((l) => ({ look: l.id, weights: smile, dark: true, title: "" })),
    ],
  },
  presets: {
    columns: 6,
    size: 240,
    tiles: Object.entries(presets).flatMap(([part, list], p) =>
      list.slice(0, 6).map((c, i) => ({
        title: `${part}: ${c.name}`,
        look: ids[(i + p) % ids.length],
        colours: { [part]: c.colour },
        weights: smile,
        dist: part === "brows" || part === "eyes" ? 0.5 : 0.86,
        y: part === "brows" || part === "eyes" ? 0.0 : -0.012,
      })),
    ),
  },
  shapes160: {
    columns: 9,
    size: 160,
    tiles: ids
      .slice(0, 4)
      .flatMap((look) =>
        Object.entries(rhubarb).map(([k, weights]) => ({ title: k, look, weights, dist: 0.74, scale: 3 })),
      ),
  },
  profiles: {
    columns: 6,
    size: 240,
    tiles: [30, 90, 160].flatMap((yaw) => ids.map((look) => ({ look, yaw, title: "" }))),
  },
  turns: {
    columns: 5,
    size: 300,
    tiles: tile(
      [
        ["yaw 45", { turn: [45, 0, 0] }],
        ["nod 25", { turn: [0, 25, 0] }],
        ["up 25", { turn: [0, -25, 0] }],
        ["roll 20", { turn: [-30, 0, 20] }],
        ["blink", { weights: { eyeBlinkLeft: 1, eyeBlinkRight: 1 } }],
      ],
      { look: ids[0] },
    ),
  },
};
for (const id of ids) {
  sheets[`views-${id}`] = {
    columns: 3,
    size: 520,
    tiles: [
      ["front", 0],
      ["three-quarter", 35],
      ["profile", 90],
    ].map(([title, yaw]) => ({ title, yaw, look: id })),
  };
  sheets[`shapes-${id}`] = {
    columns: 3,
    size: 360,
    tiles: tile(
      Object.entries(rhubarb).map(([k, weights]) => [k, { weights }]),
      { look: id, ...face },
    ),
  };
  sheets[`emotions-${id}`] = {
    columns: 4,
    size: 360,
    tiles: tile(
      Object.entries(emotions).map(([k, weights]) => [k, { weights, turn: turns[k] }]),
      { look: id, dist: 0.74, y: -0.004 },
    ),
  };
}
const always = new Set([
  "looks",
  "phone",
  "presets",
  "shapes160",
  "turns",
  "profiles",
  ...ids.flatMap((id) => [`views-${id}`, `emotions-${id}`]),
  `shapes-${ids[0]}`,
  `shapes-${ids[3]}`,
]);

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
  ],
});
try {
  const page = await browser.newPage();
  page.on("pageerror", (e) => console.error("page error:", e.message));
  page.on(
    "console",
    (m) =>
      ["error", "warning"].includes(m.type()) && !m.text().includes("GPU stall") && console.error(m.text()),
  );
  await page.goto(`http://127.0.0.1:${server.address().port}/viewer/index.html`);
  await page.waitForFunction("window.ready", null, { timeout: 60000 });
  await mkdir(out, { recursive: true });
  for (const [name, s] of Object.entries(sheets)) {
    if (args.length ? !args.includes(name) : !always.has(name)) continue;
    const url = await page.evaluate((x) => window.sheet(x.tiles, x.columns, x.size, true, x.type), {
      ...s,
      type: png ? "image/png" : "image/webp",
    });
    const bytes = Buffer.from(url.split(",")[1], "base64");
    await writeFile(join(out, `${name}.${png ? "png" : "webp"}`), bytes);
    console.log(`${name}: ${bytes.length} bytes`);
  }
} finally {
  await browser.close();
  server.close();
}
