import { delimiter } from 'node:path';
import { parseArgs } from 'node:util';

import { within } from '../../src/values/within.js';
import { provideDebianProgram } from '../support/servers/debian-package.js';
import { providePostgres } from '../support/servers/postgres-programs.js';
import { provideRedis } from '../support/servers/redis-program.js';
import { DATABASE_FAULTS } from './database-faults.js';
import { POOLER_FAULTS } from './pooler-faults.js';
import { PROCESS_FAULTS } from './process-faults.js';
import { type Scenario, TEST_SERVERS } from './scenario.js';
import { World } from './world.js';

// Causes faults under the built application, in production, with real servers. Exits with 1 if one is not taken as it
// must be. `--only <text>` runs the scenarios whose fault contains the text. With `--strict`, a skipped one counts as
// missed. CHAOS_DISK names a mounted disk of 8 MB, for a user who may not mount one.

const MAX_RUN_MS = 600_000;
const MAX_SCENARIO_MS = 120_000;

const { values } = parseArgs({
  options: { only: { type: 'string', default: '' }, strict: { type: 'boolean', default: false } },
});
const servers = [
  provideRedis(TEST_SERVERS),
  providePostgres(),
  provideDebianProgram('pgbouncer', TEST_SERVERS) ?? [],
].flat();
process.env['PATH'] = [process.env['PATH'], ...servers].join(delimiter);

setTimeout(() => {
  process.stderr.write('The time is over.\n');
  process.exit(1);
}, MAX_RUN_MS).unref();

/** Runs a scenario with servers of its own. Returns what was seen, and whether it was expected. */
async function seenIn({ run }: Scenario): Promise<{ mark: string; seen: string }> {
  const world = await World.create();
  const late = (): Error => new Error('It takes too long.');
  try {
    const seen = await within(MAX_SCENARIO_MS, run(world), late);
    return seen === undefined ? { mark: '–', seen: 'skipped: not possible here' } : { mark: '✓', seen };
  } catch (error) {
    return { mark: '✗', seen: error instanceof Error ? error.message.slice(0, 300) : String(error) };
  } finally {
    await world.end();
  }
}

let isHeld = true;
process.stdout.write('| | fault | expected | seen |\n|---|---|---|---|\n');
for (const scenario of [...DATABASE_FAULTS, ...POOLER_FAULTS, ...PROCESS_FAULTS]) {
  if (!scenario.fault.includes(values.only)) continue;
  const { mark, seen } = await seenIn(scenario);
  isHeld &&= mark === '✓' || (mark === '–' && !values.strict);
  process.stdout.write(`| ${mark} | ${scenario.fault} | ${scenario.expected} | ${seen} |\n`);
}
process.exit(isHeld ? 0 : 1);
