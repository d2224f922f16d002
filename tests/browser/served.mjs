// Uses the page of `addax serve` as a person would: `node served.mjs URL draw` draws a stroke, `node served.mjs URL
// form 1 2 3` fills in numbers; prints what the page shows and what it sent. CHROMIUM names the browser.
import fs from "node:fs";
import path from "node:path";
import puppeteer from "puppeteer-core";

const [url, task, ...values] = process.argv.slice(2);
const names = ["chromium", "chromium-browser", "google-chrome", "chrome"];
const found = (process.env.PATH ?? "").split(path.delimiter).flatMap((p) => names.map((name) => path.join(p, name)));
const executablePath = process.env.CHROMIUM ?? found.find((file) => fs.existsSync(file));
if (!executablePath) throw new Error("There is no Chromium: install one, or name it in CHROMIUM.");
const browser = await puppeteer.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
let code = 0;
try {
  const page = await browser.newPage();
  const problems = [];
  let sent = null;
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("request", (request) => { if (request.method() === "POST") sent = JSON.parse(request.postData()); });
  await page.goto(url);
  await page.waitForSelector("fieldset", { timeout: 60000 });
  if (task === "draw") {
    const box = await (await page.$("canvas")).boundingBox();
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 4);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 2, box.y + 3 * box.height / 4, { steps: 8 });
    await page.mouse.up();
  } else {
    const fields = await page.$$("fieldset input[type=number]");
    for (const [n, field] of fields.entries()) await field.evaluate((input, value) => { input.value = value; }, values[n]);
  }
  await page.click("form > button");
  await page.waitForFunction(() => !document.getElementById("answer").hidden, { timeout: 60000 });
  const seen = await page.evaluate(() => ({
    answer: document.getElementById("answer").textContent,
    wrong: document.getElementById("answer").className,
    bars: document.querySelectorAll(".bar").length,
    rows: Array.from(document.querySelectorAll("#tensors tr"), (row) => Array.from(row.cells, (cell) => cell.textContent)),
  }));
  console.log("RESULTS " + JSON.stringify({ ...seen, sent, problems }));
} catch (error) {
  console.error(error);
  code = 1;
} finally {
  await browser.close();
}
process.exit(code);
