import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { fromOptions } from '../config/from-options.js';
import { startAuditTrail } from './index.js';
import { ChainVerifier } from './verify.js';

const OPTIONS = { nodeEnv: 'development' } as const;

describe('startAuditTrail', () => {
  it('writes to the sinks of the configuration', async () => {
    const auditDirectory = await mkdtemp(join(tmpdir(), 'aerie-'));
    const trail = await startAuditTrail(fromOptions({ ...OPTIONS, audit: 'file:refuse', auditDirectory }));
    await trail.close();
    const [file = ''] = await readdir(auditDirectory);
    expect(await readFile(join(auditDirectory, file), 'utf8')).toContain('"event":"chain.closed"');
  });

  it('records fields as they were, and nothing that is not JSON', async () => {
    const auditDirectory = await mkdtemp(join(tmpdir(), 'aerie-'));
    const trail = await startAuditTrail(fromOptions({ ...OPTIONS, audit: 'file', auditDirectory }));
    const given = { invoice: 'inv_1' };
    trail.record({ event: 'tool.call', outcome: 'success', arguments: given });
    given.invoice = 'inv_2';
    expect(() => trail.record({ event: 'tool.call', outcome: 'success', arguments: { count: 1n } })).toThrow(
      TypeError,
    );
    await trail.close();
    const [file = ''] = await readdir(auditDirectory);
    const lines = (await readFile(join(auditDirectory, file), 'utf8')).trimEnd().split('\n');
    const verifier = new ChainVerifier('file');
    lines.forEach((line) => verifier.add(line));
    expect(verifier.result).toMatchObject({ records: 3, isClosed: true, faults: [] });
    expect(lines[1]).toContain('"arguments":{"invoice":"inv_1"}');
  });

  it('rejects a configuration without an audit trail', async () => {
    await expect(startAuditTrail(fromOptions(OPTIONS))).rejects.toThrow('AUDIT: is not set.');
  });
});
