import { callOf, ERAS, type Exchange, exchangeOf, initialize, listOf } from '../exchange.js';
import { GREETING } from '../memory/finding.js';

/** Number of exchanges in turn. One of a hundred is a fault of the client. */
const LENGTH = 300;

/** Calls, lists and handshakes of both eras, and 1 % faults: an unknown tool, invalid arguments, a body that is no JSON. */
export function mixedWork(token: string): [Exchange, ...Exchange[]] {
  const [call, ...others] = ERAS.flatMap((era) => [
    exchangeOf(GREETING, era, token),
    exchangeOf(GREETING, era, token),
    exchangeOf({ ...listOf(0), expected: '"greet"' }, era, token),
  ]);
  if (!call) throw new Error('There are two eras.');
  const legacy = exchangeOf(initialize('2025-11-25'), '2025-11-25', token);
  const usual = [call, ...others, legacy];
  const faults: readonly Exchange[] = [
    { ...exchangeOf(callOf('unknown_tool', 'unknown_tool'), '2025-11-25', token), status: 200 },
    {
      ...exchangeOf(
        { ...GREETING, params: { name: 'greet', arguments: {} }, expected: '"isError":true' },
        '2025-11-25',
        token,
      ),
      status: 200,
    },
    { ...legacy, body: '{', status: 400, expected: 'Parse error' },
  ];
  const work = Array.from({ length: LENGTH }, (_, index) => usual[index % usual.length] ?? call);
  faults.forEach((fault, index) => (work[index * 100 + 50] = fault));
  return [call, ...work.slice(1)];
}
