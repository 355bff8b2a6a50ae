import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { loadConfiguration } from '../../config/load-configuration.js';
import { checkAuditDirectory } from './check-audit-directory.js';

describe('checkAuditDirectory', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'aerie-audit-directory-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const warningsOf = async (audit: string, path: string): Promise<readonly string[]> =>
    (await checkAuditDirectory(loadConfiguration({ AUDIT: audit, AUDIT_DIRECTORY: path }))).warnings;

  it('accepts a directory that the server can create, and does not create it', async () => {
    expect(await warningsOf('file:refuse', join(directory, 'a', 'b'))).toEqual([]);
    expect(readdirSync(directory)).toEqual([]);
  });

  it('warns of a file, and of a link to a directory that is missing', async () => {
    const file = join(directory, 'file');
    writeFileSync(file, '');
    const link = join(directory, 'link');
    symlinkSync(join(directory, 'unmounted'), link);
    expect(await warningsOf('file', file)).toEqual([expect.stringContaining(`(ENOTDIR: ${file})`)]);
    expect(await warningsOf('file', link)).toEqual([expect.stringContaining(`(ENOENT: ${link})`)]);
    mkdirSync(join(directory, 'unmounted'));
    expect(await warningsOf('file', link)).toEqual([]);
  });

  it('warns of a directory that cannot be written, and says what follows', async () => {
    const file = join(directory, 'file');
    writeFileSync(file, '');
    const inFile = join(file, 'audit');
    expect(await warningsOf('file:refuse', inFile)).toEqual([
      expect.stringMatching(
        /cannot be written \(ENOTDIR.*\)\. Until it can, the server refuses all calls\. Set/,
      ),
    ]);
    expect(await warningsOf('file', inFile)).toEqual([
      expect.stringContaining('calls are not recorded there'),
    ]);
    expect(await warningsOf('stdout', inFile)).toEqual([]);
  });
});
