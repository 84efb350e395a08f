/**
 * Takes the pictures of the README from a demo that runs: `node scripts/take-screenshots.ts [--release NUMBER]` with SLIPWAY_DATA_DIR of that start.
 * Nothing is drawn or changed for it: the page is the one that the demo shows, cut at the end of the first screen.
 */
import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { parseArgs, promisify } from "node:util";
import { chromium } from "@playwright/test";
import { z } from "zod";
import { controlPlaneEnvironment } from "./control-plane-environment.ts";

const ROOT = join(import.meta.dirname, "..");
const IMAGES = join(ROOT, "docs", "images");
const SIZE = { width: 1280, height: 860 };
const MAX_BYTES = 300 * 1024;
const run = promisify(execFile);

/** A fresh sign-in link, as `npm start` prints it. */
async function newSignInLink(): Promise<string> {
  const program = join(ROOT, "scripts", "bootstrap-install.ts");
  const { stdout } = await run(process.execPath, [program], {
    cwd: ROOT,
    env: { ...process.env, ...controlPlaneEnvironment() },
  });
  return z.url().parse(stdout.trimEnd().split("\n").at(-1));
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { release: { type: "string", default: "2" } } });
  const data = process.env["SLIPWAY_DATA_DIR"] ?? join(ROOT, ".slipway");
  const ready = z
    .object({ url: z.string() })
    .parse(JSON.parse(readFileSync(join(data, "state", "ready.json"), "utf8")));
  const executablePath = process.env["SLIPWAY_CHROMIUM"];
  const browser = await chromium.launch({
    args: ["--no-sandbox"],
    ...(executablePath === undefined ? {} : { executablePath }),
  });
  try {
    const context = await browser.newContext({ viewport: SIZE, colorScheme: "light" });
    const page = await context.newPage();
    await page.goto(await newSignInLink());
    await page.getByRole("main").getByRole("button").first().click();
    await page.waitForURL((url) => !url.pathname.startsWith("/welcome"));
    await page.goto(`${ready.url}/releases/${values.release}`);
    await page.getByRole("heading", { level: 1 }).waitFor();
    await page.evaluate(() => document.fonts.ready);
    mkdirSync(IMAGES, { recursive: true });
    const file = join(IMAGES, "release-page.png");
    await page.screenshot({ path: file, animations: "disabled" });
    const { size } = statSync(file);
    console.log(`${file}  ${Math.round(size / 1024)} KiB`);
    if (size > MAX_BYTES) throw new Error(`It is larger than ${MAX_BYTES / 1024} KiB.`);
  } finally {
    await browser.close();
  }
}

await main();
