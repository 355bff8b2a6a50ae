/**
 * Instance for deploy/proxies/try.mjs: the deployed application with a tool that takes as long as its caller wants.
 * Needs a build.
 */
import { setTimeout as delay } from 'node:timers/promises';

import { Module } from '@nestjs/common';
import { z } from 'zod';

import { readConfiguration } from '../../dist/config/read-configuration.js';
import { McpTool } from '../../dist/index.js';
import { run } from '../../dist/run.js';

class SlowTools {
  /** Prints the mark of the call and reports progress at once, then returns after some seconds. */
  async wait({ seconds, mark }, context) {
    if (mark) process.stderr.write(`begun ${mark}\n`);
    await context.progress(1, 2, 'Waiting');
    await delay(seconds * 1_000, undefined, { signal: context.signal });
    return `Waited ${seconds} s.`;
  }
}
const tool = {
  name: 'wait',
  description: 'Waits.',
  input: z.object({ seconds: z.number(), mark: z.string().optional(), padding: z.string().optional() }),
  scopes: 'authenticated',
};
McpTool(tool)(SlowTools.prototype, 'wait', Object.getOwnPropertyDescriptor(SlowTools.prototype, 'wait'));

class SlowModule {}
Module({ providers: [SlowTools] })(SlowModule);

await run(await readConfiguration(), false, { further: [SlowModule] });
