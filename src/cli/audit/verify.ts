import { type VerifiedChain, verifyChain, verifyLinks } from '../../audit/verify.js';
import type { Io } from '../terminal/io.js';
import { auditDirectory, auditFiles } from './audit-files.js';

/**
 * Verifies the records of a directory, and prints what it found.
 *
 * @throws {Error} when a record was changed, removed or inserted, or there are none
 */
export async function verify(
  given: string | undefined,
  { json = false }: { readonly json?: boolean },
  io: Io,
): Promise<void> {
  const found: (VerifiedChain & { readonly path: string })[] = [];
  for await (const { path, lines } of auditFiles(auditDirectory(given, process.env))) {
    found.push({ path, ...verifyChain(lines) });
  }
  const faults = [
    ...found.flatMap(({ path, faults: own }) => own.map((fault) => `${path}: ${fault}`)),
    ...verifyLinks(found),
  ];
  const open = found.filter(({ isClosed }) => !isClosed);
  const records = found.reduce((sum, chain) => sum + chain.records, 0);
  if (json) io.stdout.write(`${JSON.stringify({ records, chains: found, faults })}\n`);
  else {
    for (const { path, records: count } of open) {
      io.stdout.write(`${path}: not closed after ${count} records. Its process runs, or was killed.\n`);
    }
    io.stdout.write(`${records} records in ${found.length} chains.\n`);
  }
  if (faults.length > 0) throw new Error(`The records are not whole.\n${faults.join('\n')}`);
  if (!json) io.stdout.write('No record was changed, removed or inserted.\n');
}
