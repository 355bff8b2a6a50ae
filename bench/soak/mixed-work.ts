import { callOf, ERAS, type Exchange, exchangeOf, initialize, listOf } from '../exchange.js';
import { GREETING } from '../memory/application.js';

/** Number of exchanges in turn. One of a hundred is a fault of the client. */
const LENGTH = 300;

type Work = readonly [Exchange, ...Exchange[]];

/** Calls, lists and handshakes of both eras. */
export function usualWork(token: string): Work {
  const [call, ...others] = ERAS.flatMap((era) => [
    exchangeOf(GREETING, era, token),
    exchangeOf(GREETING, era, token),
    exchangeOf({ ...listOf(0), expected: '"greet"' }, era, token),
  ]);
  if (!call) throw new Error('There are two eras.');
  return [call, ...others, exchangeOf(initialize('2025-11-25'), '2025-11-25', token)];
}

/** The usual work and 1 % faults: an unknown tool, invalid arguments, a body that is no JSON. */
export function mixedWork(token: string): Work {
  const usual = usualWork(token);
  const [call] = usual;
  const legacy = (operation: Parameters<typeof exchangeOf>[0]): Exchange =>
    exchangeOf(operation, '2025-11-25', token);
  const faults: readonly Exchange[] = [
    { ...legacy(callOf('unknown_tool', 'unknown_tool')), status: 200 },
    {
      ...legacy({ ...GREETING, params: { name: 'greet', arguments: {} }, expected: '"isError":true' }),
      status: 200,
    },
    { ...legacy(initialize('2025-11-25')), body: '{', status: 400, expected: 'Parse error' },
  ];
  const work = Array.from({ length: LENGTH }, (_, index) => usual[index % usual.length] ?? call);
  faults.forEach((fault, index) => (work[index * 100 + 50] = fault));
  return [call, ...work.slice(1)];
}
