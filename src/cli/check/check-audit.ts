import type { WriterFault } from '../../audit/postgres/check-writer.js';
import { ConfigurationError } from '../../config/configuration-error.js';
import type { Configuration } from '../../config/configuration.js';
import { connectionProblem } from '../../values/connection-problem.js';
import { loadOptional } from '../../values/load-optional.js';
import type { CheckFindings } from './check-findings.js';

/** Problem and remedy of each fault of the role in `AUDIT_DATABASE_URL`. */
const FAULTS: Readonly<Record<WriterFault, readonly [problem: string, remedy: string]>> = {
  unprepared: [
    'is a database without the table of audit records, or with one of an older version.',
    'Create or update it: npm run --silent aerie -- audit schema | psql …',
  ],
  'cannot-insert': [
    'is a role that cannot insert audit records.',
    'Use the role aerie_audit_writer, see docs/audit.md.',
  ],
  'can-change': [
    'is a role that can change audit records, and so can an intruder who takes over the server.',
    'Use the role aerie_audit_writer, see docs/audit.md.',
  ],
};

/** Checks that PostgreSQL takes audit records from this role, and that the role cannot change them. */
export async function checkAudit({ audit }: Pick<Configuration, 'audit'>): Promise<CheckFindings> {
  const sink = audit?.sinks.find(({ name }) => name === 'postgres');
  if (!sink || audit?.databaseUrl === undefined) return { errors: [], warnings: [] };
  const { writerFault } = await loadOptional(
    'AUDIT=postgres',
    ['pg'],
    () => import('../../audit/postgres/check-writer.js'),
  );
  try {
    const fault = await writerFault(audit.databaseUrl);
    if (!fault) return { errors: [], warnings: [] };
    const [problem, remedy] = FAULTS[fault];
    const error = new ConfigurationError([{ variable: 'AUDIT_DATABASE_URL', problem, remedy }]);
    return { errors: [error], warnings: [] };
  } catch (error) {
    const consequence =
      sink.onFull === 'refuse' ? 'the server refuses all calls' : 'calls are not recorded there';
    const warning = `The database of AUDIT_DATABASE_URL cannot be reached from here (${connectionProblem(error)}). Until it can, ${consequence}.`;
    return { errors: [], warnings: [warning] };
  }
}
