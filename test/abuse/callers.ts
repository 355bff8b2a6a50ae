import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

import { LOADER } from './attacked-server.js';
import type { Orders } from './attacker.js';
import { ATTACKS } from './attacks.js';
import type { Errand, Experience } from './honest-caller.js';
import { signToken } from './tokens.js';

/** Number of tokens in an attack with many, for all callers. It exceeds the capacity of the token cache. */
const MANY_TOKENS = 500;
const SCOPES = Array.from({ length: 400 }, (_none, index) => `scope:${index}`).join(' ');

const start = (file: string): ChildProcess => fork(join(import.meta.dirname, file), { execArgv: LOADER });

/** Honest caller in its own process. */
export class HonestCaller {
  readonly #process = start('honest-caller.ts');

  private constructor(
    private readonly url: string,
    private readonly token: string,
  ) {}

  static async of(organization: string, url: string): Promise<HonestCaller> {
    return new HonestCaller(url, await signToken('honest', organization));
  }

  async call(milliseconds: number): Promise<Experience> {
    const { url, token } = this;
    this.#process.send({ url, token, milliseconds } satisfies Errand);
    const [experience] = (await once(this.#process, 'message')) as [Experience];
    return experience;
  }

  stop(): void {
    this.#process.kill();
  }
}

/** Attacking callers in their own process. They have not called before. */
export async function attackers(
  orders: Omit<Orders, 'callers'>,
  count: number,
  organizations: number,
): Promise<{ readonly attack: () => Promise<void> }> {
  const numbers = Array.from({ length: count }, (_none, index) => index);
  const many = ATTACKS[orders.attack]?.manyTokens ? MANY_TOKENS / count : 0;
  const callers = await Promise.all(
    numbers.map(async (number) => {
      const subject = `attacker_${number}`;
      const organization = `org_${orders.attack}_${count}_${number % organizations}`;
      const others = Array.from({ length: many }, (_none, id) =>
        signToken(subject, organization, SCOPES, id + 1),
      );
      return [await signToken(subject, organization), ...(await Promise.all(others))] as const;
    }),
  );
  const child = start('attacker.ts');
  return {
    attack: async () => {
      child.send({ ...orders, callers } satisfies Orders);
      await once(child, 'exit');
    },
  };
}
