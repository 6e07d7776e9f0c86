// Opens a report from the disk in Debian's Chromium and uses it as people do.
//
//   node report.mjs REPORT_FOLDER [--single report.html] [--screenshots DIR] [--chromium /usr/bin/chromium]
//
// Prints one line for each check and ends with 1 if one failed. What the report exposes for tests is described in
// assets/common.js.

import { mkdir, readFile, readdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";

import { chromium } from "playwright-core";

import { checkIndex, checkSingleFile, checkVideo } from "./checks.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    screenshots: { type: "string" },
    single: { type: "string" },
    chromium: { type: "string", default: "/usr/bin/chromium" },
  },
});
if (positionals.length !== 1) {
  console.error("usage: node report.mjs REPORT_FOLDER [--single FILE] [--screenshots DIR] [--chromium PATH]");
  process.exit(2);
}

const folder = resolve(positionals[0]);
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const looks = [
  { name: "desktop-light", colorScheme: "light", viewport: { width: 1280, height: 800 }, phone: false },
  { name: "desktop-dark", colorScheme: "dark", viewport: { width: 1280, height: 800 }, phone: false },
  { name: "phone-light", colorScheme: "light", viewport: { width: 390, height: 844 }, phone: true },
  { name: "phone-dark", colorScheme: "dark", viewport: { width: 390, height: 844 }, phone: true },
  { name: "small-phone", colorScheme: "light", viewport: { width: 360, height: 640 }, phone: true },
];

let failures = 0;
let count = 0;
let withCharts = 0;

/** Runs a check; `false`, a thrown error or a text is a failure, `undefined` and `true` are not. */
async function check(name, run) {
  count += 1;
  let problem;
  try {
    const answer = await run();
    if (answer === false) problem = "no";
    else if (typeof answer === "string") problem = answer;
  } catch (error) {
    problem = String(error.message ?? error).split("\n")[0];
  }
  failures += problem === undefined ? 0 : 1;
  console.log(problem === undefined ? `ok    ${name}` : `FAIL  ${name}: ${problem}`);
}

const skip = (name, reason) => console.log(`skip  ${name}: ${reason}`);

/** A page that remembers every error, failed request and address outside of the disk. */
async function open(context, path) {
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  page.problems = [];
  page.on("console", (message) => message.type() === "error" && page.problems.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => page.problems.push(`exception: ${error.message}`));
  page.on("requestfailed", (request) => {
    // A player gives up the piece of a file that it reads when it is set to another time.
    if (request.resourceType() === "media" && request.failure()?.errorText === "net::ERR_ABORTED") return;
    page.problems.push(`failed: ${request.url().slice(0, 100)} ${request.failure()?.errorText}`);
  });
  page.on("request", (request) => {
    if (!/^(file|data|blob):/.test(request.url())) page.problems.push(`from a network: ${request.url().slice(0, 100)}`);
  });
  await page.goto(pathToFileURL(path).href, { waitUntil: "load" });
  return page;
}

/** What axe-core finds that is serious or critical. */
async function accessible(page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run(document, { preload: false, runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }));
  const grave = violations.filter((violation) => ["serious", "critical"].includes(violation.impact));
  if (grave.length === 0) return undefined;
  return grave.map((violation) => `${violation.id} (${violation.nodes.length}): ${violation.nodes[0].target.join(" ")}`).join("; ");
}

async function fits(page) {
  const [inner, outer] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  return inner <= outer || `the page is ${inner} px wide, the screen ${outer}`;
}

async function shoot(page, name) {
  if (!values.screenshots) return;
  await mkdir(values.screenshots, { recursive: true });
  await page.screenshot({ path: join(values.screenshots, `${name}.png`), fullPage: false });
  await page.screenshot({ path: join(values.screenshots, `${name}-full.png`), fullPage: true });
}

const browser = await chromium.launch({
  executablePath: values.chromium,
  args: ["--autoplay-policy=no-user-gesture-required", ...(process.getuid?.() === 0 ? ["--no-sandbox"] : [])],
});
const tools = { check, skip, open, accessible, fits, shoot };

try {
  const videos = (await readdir(join(folder, "videos"))).filter((name) => name.endsWith(".html")).sort();
  for (const look of looks) {
    const context = await browser.newContext({
      viewport: look.viewport, colorScheme: look.colorScheme, hasTouch: look.phone, deviceScaleFactor: look.phone ? 2 : 1,
    });
    await checkIndex(tools, context, join(folder, "index.html"), look, videos.length);
    for (const video of videos) {
      const name = `${look.name} ${basename(video, ".html")}`;
      withCharts += (await checkVideo(tools, context, join(folder, "videos", video), look, name)) ? 1 : 0;
    }
    await context.close();
  }
  await check("charts were tried", () => withCharts > 0 || "no video of this report has charts");
  if (values.single) {
    const context = await browser.newContext({ viewport: looks[0].viewport, colorScheme: "light" });
    await checkSingleFile(tools, context, resolve(values.single), videos.length);
    await context.close();
  }
} finally {
  await browser.close();
}

console.log(`${count - failures} of ${count} checks hold`);
process.exit(failures === 0 ? 0 : 1);
