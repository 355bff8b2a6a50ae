import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { stateDirectoryProblems } from './state-directory.js';

describe('a state directory', () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'aerie-state-'));
    file = join(folder, 'file');
    await writeFile(file, '');
  });
  afterEach(async () => {
    await chmod(folder, 0o700);
    await rm(folder, { recursive: true });
  });

  const problems = (path: string, isWritten = true): string[] =>
    stateDirectoryProblems(path, isWritten).map(({ problem }) => problem);

  it('is valid whether or not it exists, and is not created', async () => {
    expect([...problems(folder), ...problems(join(folder, 'a', 'b'))]).toEqual([]);
    expect(await readdir(folder)).toEqual(['file']);
  });

  it('is rejected if it is a file or below a file', () => {
    expect(problems(file, false)).toEqual([`"${file}" is not a folder.`]);
    expect(problems(join(file, 'a'), false)).toEqual([`"${join(file, 'a')}" cannot be used (ENOTDIR).`]);
  });

  it('is rejected if startup must write to it and cannot', async () => {
    await chmod(folder, 0o500);
    const mayNot = process.getuid?.() !== 0; // root can always write
    expect(problems(folder)).toEqual(mayNot ? [`"${folder}" cannot be used (EACCES).`] : []);
    expect(problems(join(folder, 'a'))).toEqual(
      mayNot ? [`"${join(folder, 'a')}" cannot be created: ${folder} cannot be used (EACCES).`] : [],
    );
    expect(problems(folder, false)).toEqual([]);
  });
});
