// Builds the client from scratch, as a deployment does: `npm run build` in the project's root.
//
// A workspace that lets nothing out cannot ask the registry of packages. Then the client that came along with the
// sources (databricks.yml uploads frontend/dist) is used as it is.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const npm = (...words) => spawnSync("npm", words, { cwd: here, stdio: "inherit" }).status === 0;

// With NODE_ENV=production npm would leave out the very tools that build.
const built = npm("ci", "--include=dev", "--no-fund", "--no-audit") && npm("run", "build");
if (!built) {
  if (!existsSync(join(here, "dist", ".vite", "manifest.json"))) {
    console.error("The client could not be built, and none came along. Build it first: `make client`.");
    process.exit(1);
  }
  console.error("The client could not be built here; the one that came along is served.");
}
