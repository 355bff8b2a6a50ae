import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { currentVariables, loadEnvFile, unloadEnvFile } from './process-variables.js';

describe('the variables of a running process', () => {
  const before = process.cwd();
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'aerie-'));
    process.chdir(directory);
  });
  afterEach(() => {
    unloadEnvFile();
    process.chdir(before);
    rmSync(directory, { recursive: true });
  });

  it('follow .env, but not one that has lost all of its variables', async () => {
    writeFileSync('.env', 'AERIE_SPEC=one');
    await loadEnvFile();
    expect(process.env['AERIE_SPEC']).toBe('one');
    writeFileSync('.env', 'AERIE_SPEC=two');
    expect(await currentVariables()).toMatchObject({ AERIE_SPEC: 'two' });
    writeFileSync('.env', '');
    await expect(currentVariables()).rejects.toThrow('.env: is missing or empty now.');
    rmSync('.env');
    await expect(currentVariables()).rejects.toThrow('.env: is missing or empty now.');
  });

  it('may have no .env', async () => {
    await loadEnvFile();
    expect(await currentVariables()).toMatchObject({ PATH: process.env['PATH'] });
  });
});
