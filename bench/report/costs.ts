import { z } from 'zod';

/** CPU profile of V8; times are in microseconds. */
export const profileSchema = z.object({
  nodes: z.array(
    z.object({
      id: z.number(),
      callFrame: z.object({ functionName: z.string(), url: z.string(), lineNumber: z.number() }),
      children: z.array(z.number()).optional(),
    }),
  ),
  samples: z.array(z.number()),
  timeDeltas: z.array(z.number()),
});

type Profile = z.output<typeof profileSchema>;
type Frame = Profile['nodes'][number]['callFrame'];

const MAX_ROWS = 40;

/** CPU time per request in microseconds: by package, by function, and by function including its callees. */
export function costs(profile: Profile, requests: number): Record<string, string[][]> {
  const own = ownTimes(profile);
  const byFunction = new Map<string, number>();
  const byPackage = new Map<string, number>();
  for (const { id, callFrame } of profile.nodes) {
    const time = own.get(id) ?? 0;
    if (callFrame.functionName === '(idle)') continue;
    add(byFunction, nameOf(callFrame), time);
    add(byPackage, packageOf(callFrame), time);
  }
  const top = (times: ReadonlyMap<string, number>): string[][] =>
    [...times]
      .toSorted(([, a], [, b]) => b - a)
      .slice(0, MAX_ROWS)
      .map(([where, time]) => [where, (time / requests).toFixed(1)]);
  return {
    'Packages, own time': top(byPackage),
    'Functions, own time': top(byFunction),
    'Functions, total time': top(inclusiveTimes(profile, own)),
  };
}

/** Own time of each node, without the time in which the profiler started. */
function ownTimes({ nodes, samples, timeDeltas }: Profile): Map<number, number> {
  const times = new Map<number, number>();
  samples.forEach((node, index) => add(times, node, timeDeltas[index] ?? 0));
  nodes.filter(({ callFrame }) => callFrame.url === 'node:inspector').forEach(({ id }) => times.delete(id));
  return times;
}

/** Total time of each function. Counts a recursive function once. */
function inclusiveTimes({ nodes }: Profile, own: ReadonlyMap<number, number>): Map<string, number> {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const times = new Map<string, number>();
  const visit = (id: number, above: ReadonlySet<string>): number => {
    const node = byId.get(id);
    if (!node) return 0;
    const name = nameOf(node.callFrame);
    const below = new Set([...above, name]);
    const total = (node.children ?? []).reduce((sum, child) => sum + visit(child, below), own.get(id) ?? 0);
    if (!above.has(name) && !name.startsWith('(')) add(times, name, total);
    return total;
  };
  const [root] = nodes;
  if (root) visit(root.id, new Set());
  return times;
}

function add<Key>(times: Map<Key, number>, key: Key, time: number): void {
  times.set(key, (times.get(key) ?? 0) + time);
}

function nameOf({ functionName, url, lineNumber }: Frame): string {
  return url === '' ? functionName : `${functionName || '(anonymous)'}  ${shortened(url)}:${lineNumber + 1}`;
}

const shortened = (url: string): string => url.replace(/^file:\/\/.*?(node_modules|\.build)\//, '');

function packageOf({ functionName, url }: Frame): string {
  if (url === '') return functionName;
  if (url.startsWith('node:')) return url.replace(/^(node:(internal\/)?[^/]+).*/, '$1');
  const path = shortened(url);
  if (path.startsWith('src/')) return path.split('/').slice(0, 3).join('/');
  return path
    .split('/')
    .slice(0, path.startsWith('@') ? 2 : 1)
    .join('/');
}
