import { execFileSync, spawn } from 'node:child_process';
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

  it('follow an .env that was created after the start, but not one that has lost its variables', async () => {
    await loadEnvFile();
    writeFileSync('.env', 'AERIE_SPEC=one');
    expect(await currentVariables()).toMatchObject({ AERIE_SPEC: 'one' });
    rmSync('.env');
    await expect(currentVariables()).rejects.toThrow('.env: is missing or empty now.');
  });

  it('are read once from a pipe, with its warnings', async () => {
    execFileSync('mkfifo', ['.env']);
    spawn('sh', ['-c', String.raw`printf 'AERIE_SPEC=one\nPORT 4000' > .env`]);
    const warnings = await loadEnvFile();
    expect(process.env['AERIE_SPEC']).toBe('one');
    expect(warnings).toEqual([expect.stringContaining('.env, line 2 ')]);
    expect(await loadEnvFile()).toEqual(warnings);
    expect(await currentVariables()).toMatchObject({ AERIE_SPEC: 'one' });
    unloadEnvFile();
    expect(process.env['AERIE_SPEC']).toBe('one');
    delete process.env['AERIE_SPEC'];
  });

  it('may have no .env', async () => {
    await loadEnvFile();
    expect(await currentVariables()).toMatchObject({ PATH: process.env['PATH'] });
  });
});
