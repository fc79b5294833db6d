// SPDX-License-Identifier: GPL-2.0-or-later
// Drives one Chromium for tests/browser/browser.py: a line of JSON in is a call of a method of
// Playwright's page, a line out is what it returned.  What pages did unasked (requests, messages on
// the console, dialogs) is kept until `heard` asks for it.
//
// usage: node bridge.mjs PATH-OF-PLAYWRIGHT-CORE PATH-OF-CHROMIUM
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const [library, executablePath] = process.argv.slice(2);
const { chromium } = (await import(pathToFileURL(library + "/index.mjs"))).default;
// Its sandbox refuses to run as root, and what is shown here is ours.
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
let page;
let heard;

const own = {
  // A page in a profile of its own, with these options of a browser context.
  async open(options) {
    if (page) await page.context().close();
    const context = await browser.newContext(options);
    page = await context.newPage();
    heard = { hosts: [], console: [], dialogs: [], errors: [], failed: [] };
    page.setDefaultTimeout(30000);
    page.on("request", (request) => heard.hosts.push(new URL(request.url()).host));
    page.on("response", (response) => {
      if (response.status() >= 400) heard.failed.push(`${response.status()} ${response.url()}`);
    });
    page.on("console", (message) => heard.console.push(`${message.type()}: ${message.text()}`));
    page.on("pageerror", (error) => heard.errors.push(String(error)));
    page.on("dialog", async (dialog) => {
      heard.dialogs.push(dialog.message());
      await dialog.dismiss();
    });
  },
  heard: () => heard,
};

const places = { page: () => page, keyboard: () => page.keyboard, own: () => own };

for await (const line of createInterface({ input: process.stdin })) {
  const { place, method, values } = JSON.parse(line);
  let answer;
  try {
    const value = await places[place]()[method](...values);
    // Handles of the browser's own (a response, an element) stay here.
    const plain = value === null || typeof value !== "object" || place === "own" || method === "evaluate";
    answer = { value: plain ? value ?? null : null };
  } catch (error) {
    answer = { error: String(error) };
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
}
await browser.close();
