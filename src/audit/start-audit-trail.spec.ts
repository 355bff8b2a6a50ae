import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { fromOptions } from '../config/from-options.js';
import { startAuditTrail } from './index.js';

const OPTIONS = { nodeEnv: 'development' } as const;

describe('startAuditTrail', () => {
  it('writes to the sinks of the configuration', async () => {
    const auditDirectory = await mkdtemp(join(tmpdir(), 'aerie-'));
    const trail = await startAuditTrail(fromOptions({ ...OPTIONS, audit: 'file:refuse', auditDirectory }));
    await trail.close();
    const [file = ''] = await readdir(auditDirectory);
    expect(await readFile(join(auditDirectory, file), 'utf8')).toContain('"event":"chain.closed"');
  });

  it('rejects a configuration without an audit trail', async () => {
    await expect(startAuditTrail(fromOptions(OPTIONS))).rejects.toThrow('AUDIT: is not set.');
  });
});
