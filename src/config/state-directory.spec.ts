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

  it('may exist or not, and is not created', async () => {
    expect([...problems(folder), ...problems(join(folder, 'a', 'b'))]).toEqual([]);
    expect(await readdir(folder)).toEqual(['file']);
  });

  it('is refused where it is a file, or below one', () => {
    expect(problems(file, false)).toEqual([`"${file}" is not a folder.`]);
    expect(problems(join(file, 'a'), false)).toEqual([`"${join(file, 'a')}" cannot be used (ENOTDIR).`]);
  });

  it('is refused where the start must write to it and may not', async () => {
    await chmod(folder, 0o500);
    const mayNot = process.getuid?.() !== 0; // root may always
    expect(problems(folder)).toEqual(mayNot ? [`"${folder}" cannot be used (EACCES).`] : []);
    expect(problems(join(folder, 'a'))).toEqual(
      mayNot ? [`"${join(folder, 'a')}" cannot be created: ${folder} cannot be used (EACCES).`] : [],
    );
    expect(problems(folder, false)).toEqual([]);
  });
});
