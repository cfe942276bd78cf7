// Builds the globe into the Python package. Of Cesium's assets only what this page uses is kept: the workers for the ground.
import { build as bundle } from "esbuild";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vite";

const engine = fileURLToPath(new URL("node_modules/@cesium/engine/", import.meta.url));
const outDir = fileURLToPath(new URL("../src/closedsky/server/static/", import.meta.url));
const WORKERS = ["createVerticesFromHeightmap", "incrementallyBuildTerrainPicker", "transferTypedArrayTest"];
const LICENCES = ["@cesium/engine/LICENSE.md", "milsymbol/LICENSE"];

/** Cesium's checks of what developers pass to it: left out, as in its own builds. */
const pragmas: Plugin = {
  name: "cesium-pragmas",
  enforce: "pre",
  transform(code, id) {
    if (!id.includes("@cesium/engine/Source") || !code.includes("includeStart('debug'")) return null;
    const kept = code.replace(/\/\/>>includeStart\('debug'[\s\S]*?\/\/>>includeEnd\('debug'\);?/g, "");
    return { code: kept, map: null };
  },
};

const assets: Plugin = {
  name: "cesium-assets",
  apply: "build",
  async writeBundle() {
    await bundle({
      entryPoints: WORKERS.map((name) => `${engine}Build/Workers/${name}.js`),
      outdir: `${outDir}cesium/Workers`,
      bundle: true,
      minify: true,
      format: "esm",
      legalComments: "none",
      logLevel: "error",
    });
  },
  generateBundle() {
    const told = LICENCES.map((path) => `${path}\n\n${readFileSync(new URL(`node_modules/${path}`, import.meta.url), "utf8")}`);
    this.emitFile({ type: "asset", fileName: "licences.txt", source: told.join(`\n\n${"-".repeat(80)}\n\n`) });
  },
};

export default defineConfig({
  base: "./",
  plugins: [pragmas, assets],
  define: { CESIUM_BASE_URL: '"./cesium/"' },
  build: { outDir, emptyOutDir: true, target: "es2022", chunkSizeWarningLimit: 6000, modulePreload: { polyfill: false } },
});
