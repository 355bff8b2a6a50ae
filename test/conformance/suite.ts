import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { startAerie } from '../support/aerie.js';
import { ConformanceModule } from './fixture/conformance.module.js';
import type { Run } from './runs.js';
import { type Scenario, scenariosOf } from './scenarios.js';
import { startTokenProxy } from './token-proxy.js';

/** Maximum duration of a run, in seconds. */
const TOKEN_LIFETIME = 1_800;

/** Result of a run. */
export interface Outcome {
  readonly run: Run;
  readonly scenarios: readonly Scenario[];
  /** Exit code of the suite: 0 if every scored scenario passes. */
  readonly exitCode: number | null;
  /** Output of the suite. */
  readonly errors: string;
  readonly milliseconds: number;
}

/** Starts a server and runs a suite against it. */
export async function perform(run: Run, signal: AbortSignal): Promise<Outcome> {
  const aerie = await startAerie({ environment: run.environment, modules: [ConformanceModule] });
  try {
    await requireGuard(aerie.url);
    const token = await aerie.token({ expiresInSeconds: TOKEN_LIFETIME });
    const proxy = await startTokenProxy(aerie.url, token);
    try {
      return await performAt(proxy.url, run, signal);
    } finally {
      proxy.close();
    }
  } finally {
    await aerie.close();
  }
}

/** @throws when the server answers those who have no token, so that the run would show nothing of one that does not */
async function requireGuard(url: string): Promise<void> {
  const { status } = await fetch(url, { method: 'POST' });
  if (status !== 401) throw new Error(`The server has no guard: without a token it answers ${status}.`);
}

async function performAt(url: string, run: Run, signal: AbortSignal): Promise<Outcome> {
  const start = performance.now();
  const results = mkdtempSync(join(tmpdir(), 'aerie-conformance-'));
  try {
    const { exitCode, output, errors } = await runSuite(run, url, results, signal);
    const milliseconds = performance.now() - start;
    return { run, scenarios: scenariosOf(results, output), exitCode, errors, milliseconds };
  } finally {
    rmSync(results, { recursive: true, force: true });
  }
}

async function runSuite(
  { suite, parameters }: Run,
  url: string,
  results: string,
  signal: AbortSignal,
): Promise<{ exitCode: number | null; output: string; errors: string }> {
  const manifest = findPackageJSON(suite, import.meta.url);
  if (manifest === undefined) throw new Error(`${suite} is not installed: npm ci`);
  const program = join(dirname(manifest), 'dist', 'index.js');
  const child = spawn(
    process.execPath,
    [program, 'server', '--url', url, ...parameters, '--output-dir', results],
    { stdio: ['ignore', 'pipe', 'pipe'], signal },
  );
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  await once(child, 'close');
  return { exitCode: child.exitCode, output, errors };
}
