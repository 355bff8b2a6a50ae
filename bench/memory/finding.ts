import { type Contestant, production } from '../contestant.js';
import { callOf, type Operation } from '../exchange.js';
import type { Issuer } from '../issuer.js';
import { built } from '../paths.js';
import type { Pinning } from '../pinning.js';
import { RunningServer } from '../running-server.js';

/** What is measured, and how. */
export interface MemoryRun {
  readonly issuer: Issuer;
  readonly pinning: Pinning | undefined;
  readonly token: string;
  readonly rounds: number;
  readonly seconds: number;
  /** How many calls the memory is looked at after. */
  readonly calls: number;
  readonly streams: number;
  readonly connections: number;
}

/** A line of the outcome. */
export interface Finding {
  readonly measured: string;
  readonly value: string;
  readonly target: string;
}

/** A tool that every caller may call. */
export const GREETING: Operation = callOf('greet', 'Hello, Ada!');

/** The application as it is, with its own tools: what `npm run start:prod` starts. */
const application = ({ issuer }: MemoryRun, environment: NodeJS.ProcessEnv): Contestant => ({
  name: 'aerie',
  command: [process.execPath, '--enable-source-maps', built('src/main.js')],
  directory: built('.'),
  path: '/mcp',
  environment: { ...production(issuer), ...environment },
  isMetered: true,
});

/** Starts the application, and ends it however the measurement ends. */
export async function withApplication<Result>(
  run: MemoryRun,
  environment: NodeJS.ProcessEnv,
  measure: (running: RunningServer) => Promise<Result>,
): Promise<Result> {
  const running = await RunningServer.start(application(run, environment), run.pinning);
  const stop = (): void => running.stop();
  process.once('exit', stop);
  try {
    return await measure(running);
  } finally {
    process.off('exit', stop);
    stop();
  }
}

export const seconds = (count: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, count * 1000));

export const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MB`;
