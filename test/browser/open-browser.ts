import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

/** Installed browser: that of the variable, or Debian's. Nothing is downloaded. */
const CHROMIUM = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Messages of Chromium that no page causes. */
const EXPECTED = [/^Failed to launch 'cursor:/];

/** @throws {Error} when no Chromium is installed */
export function openBrowser(): Promise<Browser> {
  if (!existsSync(CHROMIUM)) {
    throw new Error(
      `There is no Chromium at ${CHROMIUM}. Install it (apt-get install chromium), or set CHROMIUM_PATH to one.`,
    );
  }
  return chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] });
}

/** Page of a new visitor, with everything that the browser complains about and asks for. */
export interface Visit {
  readonly page: Page;
  readonly complaints: readonly string[];
  /** Origins of all requests. */
  readonly origins: ReadonlySet<string>;
}

export async function visit(browser: Browser, options: BrowserContextOptions = {}): Promise<Visit> {
  const page = await (await browser.newContext(options)).newPage();
  const complaints: string[] = [];
  const origins = new Set<string>();
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (['http:', 'https:'].includes(url.protocol)) origins.add(url.origin);
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    const text = message.text();
    if (message.type() === 'error' && !EXPECTED.some((known) => known.test(text))) complaints.push(text);
  });
  return { page, complaints, origins };
}

/** Returns the violations that axe finds, each with the elements. */
export async function violationsOn(page: Page): Promise<string[]> {
  // Evaluated by the debugger, because the policy of the pages forbids other scripts.
  const found: unknown = await page.evaluate(`${AXE}; axe.run().then(({ violations }) =>
    violations.map(({ id, help, nodes }) => id + ': ' + help + ' ' + nodes.map(({ html }) => html).join(' ')))`);
  return found as string[];
}
