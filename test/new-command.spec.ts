import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { runCommand } from './support/run-command.js';

const EXAMPLES = 'test/examples/new';
const EMPTY_MODULE = `import { Module } from '@nestjs/common';

/** Module to which \`new\` adds the providers of this folder. */
@Module({ providers: [] })
export class ToolsModule {}
`;

/** Reads all files of a folder, without differences of the place. */
function filesIn(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  const read = (name: string): string =>
    readFileSync(join(folder, name), 'utf8').replace('../../../../src/mcp/index.js', 'aerie-mcp');
  return Object.fromEntries(names.toSorted().map((name) => [name, read(name)]));
}

describe('new', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'aerie-new-'));
    mkdirSync(join(directory, 'src/tools'), { recursive: true });
    writeFileSync(join(directory, 'src/tools/tools.module.ts'), EMPTY_MODULE);
    writeFileSync(join(directory, '.prettierrc'), readFileSync('.prettierrc'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const create = (...parameters: string[]): ReturnType<typeof runCommand> =>
    runCommand('new', parameters, directory, {});

  it('writes the compiled, linted and tested examples', async () => {
    expect(await create('tool', 'order-status')).toEqual({
      code: 0,
      stdout:
        'created  src/tools/order-status/order-status.tools.ts\n' +
        'created  src/tools/order-status/order-status.tools.spec.ts\n' +
        'changed  src/tools/tools.module.ts\n',
      stderr: '',
    });
    expect(await create('resource', 'Invoice')).toMatchObject({ code: 0 });
    expect(await create('prompt', 'weekReport')).toMatchObject({ code: 0 });
    expect(filesIn(join(directory, 'src/tools'))).toEqual(filesIn(EXAMPLES));
  });

  it('never overwrites a file', async () => {
    await create('tool', 'order-status');
    const before = filesIn(directory);
    expect(await create('tool', 'order-status')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('exists, so nothing was written'),
    });
    expect(filesIn(directory)).toEqual(before);
  });

  it.each([
    ['an unknown kind', ['module', 'orders'], 2, /tool, resource, prompt/],
    ['a path as the name', ['tool', '../orders'], 2, /is not a name/],
    [
      'a module that does not exist',
      ['tool', 'a', '--module', 'src/none.ts'],
      1,
      /src\/none\.ts cannot be read/,
    ],
  ])('rejects %s', async (_what, parameters, code, message) => {
    expect(await create(...parameters)).toMatchObject({ code, stderr: expect.stringMatching(message) });
    expect(Object.keys(filesIn(directory))).toEqual(['src/tools/tools.module.ts']);
  });
});
