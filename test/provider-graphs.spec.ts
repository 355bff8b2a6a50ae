import { Module } from '@nestjs/common';
import { ContextIdFactory, ModuleRef, ModulesContainer, NestFactory } from '@nestjs/core';

import { directCreation } from '../src/mcp/catalog/direct-creation.js';
import { Random } from './interleavings/random.js';
import { drawGraph } from './provider-graphs/graph.js';

const SEEDS = 300;
/** Requests of one call each, and one of two concurrent calls, as in a batch. */
const CALLS = [1, 1, 2];

type Way = 'direct' | 'nest';

/** Results of the requests of an application. */
interface Outcome {
  /** Description of all instances and errors. */
  readonly text: string;
  /** Number of instances that NestJS did not create. */
  readonly direct: number;
}

async function outcomeOf(seed: number, way: Way): Promise<Outcome> {
  let created: string[] = [];
  const { providers, root } = drawGraph(new Random(seed), (name) => created.push(name));

  @Module({ providers: [...providers] })
  class Graph {}
  const options = { logger: false, abortOnError: false } as const;
  const application = await NestFactory.createApplicationContext(Graph, options);
  const module = [...application.get(ModulesContainer).values()].find(({ metatype }) => metatype === Graph);
  const wrapper = module?.getProviderByKey<object>(root);
  const own = module?.getProviderByKey<ModuleRef>(ModuleRef).instance;
  if (!wrapper || !own) throw new Error('The root is missing from the module.');
  const create = directCreation(wrapper, own);
  let direct = 0;
  const texts: string[] = [];
  for (const calls of CALLS) {
    const contextId = ContextIdFactory.create();
    own.registerRequestByContextId({ url: '/mcp' }, contextId);
    created = [];
    const call = async (): Promise<object> => {
      const instance = way === 'direct' ? create(contextId) : undefined;
      if (instance) direct++;
      return instance ?? own.resolve<object>(root, contextId, { strict: true });
    };
    const results = await Promise.allSettled(Array.from({ length: calls }, call));
    const seen = new Map<unknown, number>();
    for (const result of results) {
      texts.push(result.status === 'fulfilled' ? await textOf(result.value, seen) : messageOf(result.reason));
    }
    // A provider that failed is created again for the next call.
    if (results.every(({ status }) => status === 'fulfilled')) texts.push(created.toSorted().join(' '));
  }
  await application.close();
  return { text: texts.join('\n'), direct };
}

/** Error of a promise that was rejected without one. */
const WITHOUT_ERROR = 'without an error';

const messageOf = (error: unknown): string => {
  const message = error instanceof Error ? error.message : WITHOUT_ERROR;
  return message.includes(WITHOUT_ERROR) ? WITHOUT_ERROR : message;
};

/** Describes an object and what was injected, each object once. */
async function textOf(value: unknown, seen: Map<unknown, number>): Promise<string> {
  if (typeof value !== 'object' || value === null) return String(value);
  const known = seen.get(value);
  if (known !== undefined) return `#${known}`;
  seen.set(value, seen.size);
  if (value instanceof Promise) {
    const settled: unknown = await value.catch(messageOf);
    return `promise of ${await textOf(settled, seen)}`;
  }
  const members: string[] = [];
  for (const [name, member] of Object.entries(value)) members.push(`${name}: ${await textOf(member, seen)}`);
  return `{ ${members.join(', ')} }`;
}

it('creates what NestJS creates, for random graphs of providers', async () => {
  let direct = 0;
  for (let seed = 1; seed <= SEEDS; seed++) {
    const [ours, theirs] = [await outcomeOf(seed, 'direct'), await outcomeOf(seed, 'nest')];
    expect({ seed, text: ours.text }).toEqual({ seed, text: theirs.text });
    direct += ours.direct;
  }
  expect(direct).toBeGreaterThan(SEEDS);
});
