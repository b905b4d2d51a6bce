// Bundles what the page needs from npm into dist, with a manifest of SHA-256
// sums and the licences. "make assets" runs it; what it makes is committed.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, rmSync, writeFileSync, mkdirSync } from "node:fs";

rmSync("dist", { recursive: true, force: true });
mkdirSync("dist");

const { metafile } = await build({
  entryPoints: { app: "src/app.js", terminal: "src/vendor/terminal.js", editor: "src/vendor/editor.js", "terminal-page": "src/terminal-page.js" },
  outdir: "dist", bundle: true, external: ["./terminal.js"], format: "esm", target: "es2022",
  minify: true, legalComments: "none", metafile: true, charset: "utf8",
});
await build({
  entryPoints: { app: "src/app.css", terminal: "src/vendor/terminal.css", "terminal-page": "src/terminal-page.css" },
  outdir: "dist", bundle: true, minify: true, legalComments: "none", charset: "utf8",
});

// The packages whose code is in the bundles, with the licences they ask to keep.
const names = new Set(Object.keys(metafile.inputs)
  .map((f) => f.match(/node_modules\/((?:@[^/]+\/)?[^/]+)/)?.[1]).filter(Boolean));
const licences = [...names].sort().map((name) => {
  const dir = `node_modules/${name}`;
  const { version, license, repository } = JSON.parse(readFileSync(`${dir}/package.json`, "utf8"));
  const file = readdirSync(dir).find((f) => /^licen[cs]e/i.test(f));
  return {
    name, version, licence: license,
    home: typeof repository === "string" ? repository : repository?.url ?? "",
    text: file ? readFileSync(`${dir}/${file}`, "utf8") : "",
  };
});
writeFileSync("dist/licences.json", JSON.stringify(licences, null, 1) + "\n");

const manifest = {};
for (const f of readdirSync("dist").sort()) {
  manifest[f] = createHash("sha256").update(readFileSync(`dist/${f}`)).digest("hex");
}
writeFileSync("dist/manifest.json", JSON.stringify(manifest, null, 1) + "\n");
