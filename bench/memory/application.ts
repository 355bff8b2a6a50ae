import { type Contestant, production } from '../contestant.js';
import { callOf, type Operation } from '../exchange.js';
import type { Issuer } from '../issuer.js';
import { built } from '../paths.js';
import type { Pinning } from '../pinning.js';
import { RunningServer } from '../running-server.js';

/** Settings of a memory benchmark. */
export interface MemoryRun {
  readonly issuer: Issuer;
  readonly pinning: Pinning | undefined;
  readonly token: string;
  readonly rounds: number;
  readonly seconds: number;
  /** Number of calls before the last memory measurement. */
  readonly calls: number;
  readonly streams: number;
  readonly connections: number;
  /** Whether the process can be asked for its resource usage, which makes its start longer. */
  readonly isMetered: boolean;
}

/** Call of a tool that needs no scope. */
export const GREETING: Operation = callOf('greet', 'Hello, Ada!');

/**
 * Limits that are never reached. As with the limits of a real deployment, the same numbers return in the headers of all
 * responses: V8 keeps the text of a number for a while, and one that never returns ends as garbage of the old space.
 */
const LIMIT = '100000/s';
const LIMITS = { RATE_LIMIT_CALLER: LIMIT, RATE_LIMIT_ORGANIZATION: LIMIT, RATE_LIMIT_TOOL: LIMIT };

/** Unmodified application with its own tools, with the files of the image and as the image starts it. */
export const application = (issuer: Issuer, environment: NodeJS.ProcessEnv): Contestant => ({
  name: 'aerie',
  command: [
    process.execPath,
    '--enable-source-maps',
    '--max-semi-space-size=16',
    built('image/dist/main.js'),
  ],
  directory: built('image'),
  path: '/mcp',
  environment: { ...production(issuer), ...LIMITS, ...environment },
  isMetered: true,
});

/** Starts the application, and stops it after the measurement, even after an error. */
export async function withApplication<Result>(
  run: MemoryRun,
  environment: NodeJS.ProcessEnv,
  measure: (running: RunningServer) => Promise<Result>,
): Promise<Result> {
  const contestant = { ...application(run.issuer, environment), isMetered: run.isMetered };
  const running = await RunningServer.start(contestant, run.pinning);
  try {
    return await measure(running);
  } finally {
    running.stop();
  }
}

export const seconds = (count: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, count * 1000));

export const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MB`;
