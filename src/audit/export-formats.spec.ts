import type { AuditFields, AuditRecord } from './audit-record.js';
import { Chain } from './chain.js';
import { toOcsf } from './export-formats.js';

describe('toOcsf', () => {
  const recordOf = (fields: AuditFields): AuditRecord => new Chain('test', 0).add(fields, 0).record;

  it.each<[AuditFields, number]>([
    [{ event: 'tool.call', outcome: 'success' }, 1],
    [{ event: 'access.denied', outcome: 'denied' }, 2],
    [{ event: 'records.missed', outcome: 'failure', sink: 'file', count: 3 }, 4],
    [{ event: 'records.missed', outcome: 'failure', sink: 'file', count: 0 }, 1],
  ])('gives %j the severity %s', (fields, severity) => {
    expect(toOcsf(recordOf(fields))).toMatchObject({ severity_id: severity });
  });
});
