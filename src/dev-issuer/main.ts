import { startDevIssuer } from './dev-issuer.js';
import { standaloneOptions } from './standalone-options.js';
import { messageOf } from '../values/trace-of.js';

/** Runs the standalone issuer, for demos with several servers on one machine. */
try {
  const issuer = await startDevIssuer({
    onServerError: (error) => process.stderr.write(`${error.stack}\n`),
    onRequest: (record) => process.stdout.write(`${JSON.stringify(record)}\n`),
    ...standaloneOptions(process.env),
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void issuer.close());
  process.stdout.write(`The development issuer is running at ${issuer.url}. It signs anybody in.\n`);
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
}
