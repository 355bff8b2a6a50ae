// Runs the entry that the command line names, with a provider that leaves a timer and a rejected promise behind.
import { Module } from '@nestjs/common';

import { ToolsModule } from '../../dist/tools/tools.module.js';

const noisy = () => {
  setInterval(() => {}, 1_000);
  void Promise.reject(new Error('nobody waits for it'));
  return {};
};

Module({ providers: [{ provide: 'noisy', useFactory: noisy }] })(ToolsModule);

const [entry] = process.argv.splice(2, 1);
await import(entry);
