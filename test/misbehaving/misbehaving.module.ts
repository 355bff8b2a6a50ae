import { setTimeout as sleep } from 'node:timers/promises';

import { Injectable, Module, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { z } from 'zod';

import { type CallContext, LiveCatalog, McpTool } from '../../src/mcp/index.js';
import { MISBEHAVIORS } from './misbehaviors.js';

const base = {
  description: 'x',
  scopes: 'authenticated',
  annotations: { readOnlyHint: true },
  input: z.object({ nonce: z.string() }),
} as const;
type Input = z.output<typeof base.input>;

const proofOf = ({ nonce }: Record<string, unknown>, { organization }: CallContext): string =>
  `${organization.id} ${String(nonce)}`;

@Injectable()
class MisbehavingTools implements OnApplicationBootstrap, OnApplicationShutdown {
  #crash = false;
  /** Runs outside of any call. */
  readonly #timer = setInterval(() => {
    if (this.#crash) {
      this.#crash = false;
      throw new Error('of nobody');
    }
  }, 10);

  constructor(private readonly catalog: LiveCatalog) {}

  onApplicationBootstrap(): void {
    for (const [name, { handle, timeout }] of Object.entries(MISBEHAVIORS)) {
      this.catalog.addTool({ ...base, name, ...(timeout !== undefined && { timeout }) }, (input, context) =>
        handle(proofOf(input, context), context),
      );
    }
  }

  async onApplicationShutdown(): Promise<void> {
    if (process.env['HANGS_AT_STOP']) await sleep(30_000);
    clearInterval(this.#timer);
  }

  @McpTool({ ...base, name: 'slow' })
  async slow(input: Input, context: CallContext): Promise<string> {
    await sleep(500);
    return proofOf(input, context);
  }

  @McpTool({ ...base, name: 'crash' })
  crash(input: Input, context: CallContext): string {
    this.#crash = true;
    return proofOf(input, context);
  }

  /** Memory after a garbage collection, in bytes. */
  @McpTool({ ...base, name: 'memory' })
  memory(): object {
    globalThis.gc?.();
    const usage = process.memoryUsage();
    return { pid: process.pid, ...usage };
  }
}

@Module({ providers: [MisbehavingTools] })
export class MisbehavingModule {}
