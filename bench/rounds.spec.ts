import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { CALL, type Case } from './cases.js';
import { callOf } from './exchange.js';
import { Failures } from './failures.js';
import { LineUp } from './line-up.js';
import { readOptions } from './options.js';
import { measureInRounds, roundsWithStart } from './rounds.js';

describe('the starts of a run', () => {
  it.each([
    [15, 3, [1, 6, 11]],
    [13, 3, [1, 5, 9]],
    [5, 4, [1, 2, 3, 4]],
    [3, 3, [1, 2, 3]],
  ])('of %d rounds are as many as requested', (rounds, starts, first) => {
    expect([...roundsWithStart({ rounds, starts })]).toEqual(first);
  });

  it('are refused if there are more than rounds', () => {
    expect(() => readOptions(['--rounds', '2', '--starts', '3'])).toThrow(
      '--starts 3 is more than --rounds 2',
    );
    expect(readOptions(['--rounds', '2']).starts).toBe(2);
  });
});

describe('a row', () => {
  let folder: string;
  let lineUp: LineUp;

  beforeEach(() => {
    jest.spyOn(process.stdout, 'write').mockReturnValue(true);
    folder = mkdtempSync(join(tmpdir(), 'bench-rounds-'));
    lineUp = new LineUp('token', undefined, 2);
  });
  afterEach(() => {
    lineUp.stop();
    rmSync(folder, { recursive: true });
  });

  /** Server that knows how often it was started before, as `starts`, and whether it has answered, as `answered`. */
  const rowOf = (answer: string): Case => {
    const program = `
      const { readdirSync, writeFileSync } = require('node:fs');
      const starts = readdirSync(process.env.FOLDER).length;
      writeFileSync(process.env.FOLDER + '/' + process.pid, '');
      let answered = 0;
      require('node:http').createServer((request, response) => {
        request.resume().on('end', () => { response.end(${answer}); answered++; });
      }).listen(process.env.PORT, '127.0.0.1');`;
    return {
      server: 'server',
      era: '2026-07-28',
      operation: CALL,
      contestant: {
        name: 'server',
        command: [process.execPath, '--eval', program],
        directory: '.',
        path: '/',
        environment: { FOLDER: folder },
        isMetered: false,
      },
      asked: callOf('tool_1'),
      leadIn: 0.01,
    };
  };
  const options = readOptions(['--rounds', '2', '--starts', '2', '--seconds', '0.01', '--warmup', '10']);

  it('keeps its earlier rounds if its last start fails', async () => {
    const row = rowOf(`starts === 0 ? 'Hi Ada' : process.exit(1)`);
    const [measured] = await measureInRounds([row], lineUp, options, new Failures());
    expect(measured?.rates).toEqual([expect.any(Number), null]);
    expect(measured?.ready).toBeUndefined();
  });

  it('leaves out the rounds of a process whose warm-up fails', async () => {
    const failures = new Failures();
    const row = rowOf(`starts === 0 && answered > 0 && answered < 3 ? 'Bye' : 'Hi Ada'`);
    const [measured] = await measureInRounds([row], lineUp, options, failures);
    expect(failures.all).toEqual([expect.stringContaining('warm-up: Wrong response: HTTP 200: Bye')]);
    expect(measured?.rates).toEqual([null, expect.any(Number)]);
  });
});
