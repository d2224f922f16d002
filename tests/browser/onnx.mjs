// Runs an ONNX file in headless Chromium by onnxruntime-web: `node onnx.mjs FOLDER`, which has model.onnx and
// inputs.json; prints the outputs as JSON. CHROMIUM names the browser.
import fs from "node:fs";
import http from "node:http";
import path from "node:path";
import { fileURLToPath } from "node:url";
import puppeteer from "puppeteer-core";

const folder = process.argv[2];
const here = path.dirname(fileURLToPath(import.meta.url));
const runtime = path.join(here, "node_modules", "onnxruntime-web", "dist");
const kinds = { ".html": "text/html", ".mjs": "text/javascript", ".js": "text/javascript", ".wasm": "application/wasm", ".json": "application/json" };

const server = http.createServer((request, response) => {
  const name = path.basename(request.url.split("?")[0]);
  const home = request.url.startsWith("/ort/") ? runtime : name === "page.html" ? here : folder;
  const file = path.join(home, name);
  if (!fs.existsSync(file) || !fs.statSync(file).isFile()) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, { "Content-Type": kinds[path.extname(name)] ?? "application/octet-stream" });
  fs.createReadStream(file).pipe(response);
});
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));

const names = ["chromium", "chromium-browser", "google-chrome", "chrome"];
const found = (process.env.PATH ?? "").split(path.delimiter).flatMap((p) => names.map((name) => path.join(p, name)));
const executablePath = process.env.CHROMIUM ?? found.find((file) => fs.existsSync(file));
if (!executablePath) throw new Error("There is no Chromium: install one, or name it in CHROMIUM.");
const browser = await puppeteer.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
let code = 0;
try {
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${server.address().port}/page.html`);
  await page.waitForFunction(() => document.getElementById("state").textContent !== "loading", { timeout: 60000 });
  const state = await page.$eval("#state", (element) => element.textContent);
  if (state !== "done") throw new Error(state);
  console.log("RESULTS " + JSON.stringify(await page.evaluate(() => window.results)));
} catch (error) {
  console.error(error);
  code = 1;
} finally {
  await browser.close();
  server.close();
}
process.exit(code);
