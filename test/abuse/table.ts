import type { Experience } from './honest-caller.js';

const MB = 1024 ** 2;
const WIDTHS = [32, 8, 7, 8, 16, 16, 8, 9, 13];

/** Result of an attack by a number of callers. */
interface Outcome {
  readonly name: string;
  readonly count: number;
  readonly quiet: Experience;
  readonly attacked: Experience;
  readonly loopDelay: number;
  readonly before: number;
  readonly after: number;
  readonly faults: readonly string[];
}

export function printHead(
  quiet: Experience,
  loopDelay: number,
  pinned: boolean,
  organizations: number,
): void {
  const cores = pinned
    ? 'The server has a core of its own.'
    : 'The server shares its cores with the callers.';
  const whose = organizations === 1 ? 'one organization' : `${organizations} organizations`;
  process.stdout.write(
    `${cores} All attacking callers are of ${whose}.\n` +
      'Times in milliseconds, without and with the attack. "loop" is the delay of the event loop, p99.\n\n',
  );
  print('attack', 'callers', 'calls', 'failed', 'p50', 'p99', 'ratio', 'loop', 'memory MB', 'verdict');
  print('none', 0, quiet.calls, quiet.failures.length, ms(quiet.p50), ms(quiet.p99), '', ms(loopDelay));
}

export function printRow({ name, count, quiet, attacked, loopDelay, before, after, faults }: Outcome): void {
  print(
    name,
    count,
    attacked.calls,
    attacked.failures.length,
    `${ms(quiet.p50)} → ${ms(attacked.p50)}`,
    `${ms(quiet.p99)} → ${ms(attacked.p99)}`,
    (attacked.p99 / quiet.p99).toFixed(1),
    ms(loopDelay),
    `${(before / MB).toFixed(0)} → ${(after / MB).toFixed(0)}`,
    faults.length === 0 ? 'PASS' : `FAIL: ${faults.join(', ')}`,
  );
}

function print(...cells: readonly (string | number)[]): void {
  const text = cells.map((cell, index) => String(cell).padEnd(WIDTHS[index] ?? 0)).join('');
  process.stdout.write(`${text.trimEnd()}\n`);
}

const ms = (time: number): string => time.toFixed(1);
