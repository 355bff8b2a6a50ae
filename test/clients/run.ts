// npm run test:clients [name...]: installs unmodified clients, lets each sign in and call tools, and writes the results
// to test/clients/results.json and docs/clients.md.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

import { type Aerie, startAerie } from '../support/aerie.js';
import { type Browser, startBrowser } from './browser.js';
import { documentClients } from './document.js';
import { readResults, readStep, type Result, type Results, type Step, writeResults } from './result.js';
import { install, isMissing, type Place, toolchainOf, versionsOf } from './toolchains.js';
import { ClientToolsModule } from './tools.js';

const PROGRAMS = 'test/clients/programs';
const CACHE = resolve(process.env['CLIENTS_CACHE'] ?? 'node_modules/.cache/clients');
const LIMIT_MS = 120_000;
/** Scopes of the token for clients without a sign-in of their own. */
const TOKEN = { scope: 'org:read todo:read usr:read', expiresInSeconds: 3_600 };

const names =
  process.argv.length > 2 ? process.argv.slice(2) : readdirSync(PROGRAMS).filter((name) => name !== 'shared');
const browser = await startBrowser(join(CACHE, 'bin'));
const aerie = await startAerie({
  modules: [ClientToolsModule],
  environment: { DEMO_TOOLS: 'off' },
  isLogging: false,
});
const results: Results = existsSync('test/clients/results.json') ? readResults() : {};
try {
  for (const name of names) {
    const result = await resultOf(name);
    results[name] = result;
    writeResults(results);
    const outcomes = result.steps.map(
      ({ step, outcome, detail }) => `  ${step}: ${outcome}${detail && `, ${detail}`}`,
    );
    process.stdout.write(
      `${[`${name} (${result.packages})`, ...outcomes, ...(result.notRun === undefined ? [] : [`  not run: ${result.notRun}`])].join('\n')}\n`,
    );
  }
  documentClients();
  if (names.some((name) => results[name]?.notRun !== undefined)) process.exitCode = 1;
} finally {
  await aerie.close();
  browser.close();
}

async function resultOf(name: string): Promise<Result> {
  const place: Place = { source: join(PROGRAMS, name), installed: join(CACHE, name) };
  const toolchain = toolchainOf(place);
  const result = {
    packages: versionsOf(place).join(', '),
    date: new Date().toISOString().slice(0, 10),
    steps: [],
  };
  if (isMissing(toolchain)) return { ...result, notRun: `no ${toolchain.requires}` };
  mkdirSync(place.installed, { recursive: true });
  try {
    await install(place, join(PROGRAMS, 'shared'));
  } catch (error) {
    return { ...result, notRun: `cannot be installed: ${String(error).slice(0, 300)}` };
  }
  return { ...result, steps: await run(toolchain.run, place, aerie, browser) };
}

/** Runs a program, which reports each step as a line of JSON. */
async function run(
  [command = '', ...parameters]: readonly string[],
  { installed }: Place,
  server: Aerie,
  user: Browser,
): Promise<Step[]> {
  const home = mkdtempSync(join(tmpdir(), 'aerie-client-'));
  const child = spawn(command, parameters, {
    cwd: installed,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: LIMIT_MS,
    killSignal: 'SIGKILL',
    env: {
      HOME: home,
      PATH: `${user.commands}:${process.env['PATH']}`,
      DISPLAY: ':0', // some programs open a browser only with a display
      BROWSER: `${join(user.commands, 'browser')} %s`,
      BROWSER_URL: user.url,
      AERIE_URL: server.url,
      TOKEN: await server.token(TOKEN),
    },
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors = `${errors}${text}`.slice(-400)));
  const steps: Step[] = [];
  let before = user.signIns;
  for await (const line of createInterface(child.stdout)) {
    if (!line.startsWith('{"step"')) continue;
    const step = readStep(JSON.parse(line));
    const isRenewal = step.step === 'renew' && step.outcome === 'passed';
    steps.push(
      isRenewal ? { ...step, detail: user.signIns > before ? 'signed in again' : 'refreshed' } : step,
    );
    before = user.signIns;
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'close');
  rmSync(home, { recursive: true, force: true });
  if (steps.length === 0 || child.signalCode !== null) {
    const reason =
      child.signalCode === null ? 'ended without a result' : `did not end within ${LIMIT_MS / 1_000} s`;
    steps.push({ step: 'connect', outcome: 'failed', detail: `${reason}: ${errors.trim()}`.slice(0, 300) });
  }
  return steps;
}
