import { ChainVerifier, type VerifiedChain, verifyLinks } from '../../audit/verify.js';
import { SINKS } from '../../config/sections/audit.js';
import { type Io, writeJson } from '../terminal/io.js';
import { printable } from '../terminal/printable.js';
import { checkChoice } from './check-choice.js';
import { type Place, readLines, sinkOf } from './source.js';

type Found = VerifiedChain & { readonly place: string };

/**
 * Verifies all records of a place, and prints what it found.
 *
 * @param options `closed` expects each chain to be closed: only then would its end be missed if it was removed
 * @throws {Error} when a record was changed, removed or inserted, or there are none
 */
export async function verify(
  place: Place,
  {
    json = false,
    closed = false,
    sink = sinkOf(place),
  }: { readonly json?: boolean; readonly closed?: boolean; readonly sink?: string },
  io: Io,
): Promise<void> {
  checkChoice('sink', sink, SINKS);
  const chains = await verifyAll(place, sink);
  const open = chains.filter(({ isClosed }) => !isClosed);
  const unclosed = closed
    ? open.map(({ place: where, records: count }) => `${where}: ${notClosed(count)}`)
    : [];
  const links = verifyLinks(chains);
  const changes = [
    ...chains.flatMap((chain) => chain.faults.map((fault) => `${chain.place}: ${fault}`)),
    ...findCopies(chains),
    ...links.faults,
  ];
  const faults = [...unclosed, ...changes];
  const records = chains.reduce((sum, chain) => sum + chain.records, 0);
  if (json) writeJson(io, { records, chains, older: links.older, faults });
  else {
    for (const { place: where, records: count, isClosed, isTorn, leftOut } of chains) {
      if (leftOut > 0)
        io.stdout.write(`${printable(where)}: the server left out ${leftOut} records, as the chain says.\n`);
      if (isClosed) continue;
      io.stdout.write(`Note: ${printable(where)} ${notClosed(count)}\n`);
      if (isTorn) io.stdout.write('      The line after them is cut off and does not count.\n');
    }
    for (const chain of links.older) {
      io.stdout.write(`Note: The first records continue chain ${printable(chain)}, which is not here.\n`);
    }
    io.stdout.write(`${records} records in ${chains.length} ${chains.length === 1 ? 'chain' : 'chains'}.\n`);
  }
  if (records === 0) throw new Error('There are no audit records.');
  if (faults.length > 0) {
    const found =
      changes.length > 0 ? 'Records were changed, removed or inserted' : 'Not all chains are closed';
    throw new Error(`${found}:\n${faults.join('\n')}`);
  }
  if (json) return;
  const unless = [
    ...(open.length > 0 ? ['from the end of a chain that is not closed'] : []),
    ...(links.older.length > 0 ? ['before the first records'] : []),
  ].join(' or ');
  const exception = unless === '' ? '' : `, unless it was removed ${unless}`;
  io.stdout.write(`No record was changed, removed or inserted${exception}.\n`);
}

const notClosed = (count: number): string =>
  `is not closed after ${count} records: its process runs, it was killed, or the records after them were removed.`;

/** Reports chains that are in several places, because their records would count several times. */
function findCopies(chains: readonly Found[]): string[] {
  const originals = new Map<string, string>();
  const faults: string[] = [];
  for (const { chain, place } of chains) {
    const original = originals.get(chain);
    if (original !== undefined) faults.push(`${place}: chain ${chain} is also in ${original}.`);
    else if (chain !== '') originals.set(chain, place);
  }
  return faults;
}

async function verifyAll(place: Place, sink: string): Promise<Found[]> {
  const found: Found[] = [];
  let current: { readonly place: string; readonly verifier: ChainVerifier } | undefined;
  const end = (): void => {
    if (current) found.push({ place: current.place, ...current.verifier.result });
  };
  for await (const { place: where, text, fault, isTorn } of readLines(place, 'chain')) {
    if (current?.place !== where) {
      end();
      current = { place: where, verifier: new ChainVerifier(sink) };
    }
    if (isTorn) current.verifier.addTorn();
    else current.verifier.add(text, fault);
  }
  end();
  return found;
}
