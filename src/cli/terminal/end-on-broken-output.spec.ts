import { PassThrough } from 'node:stream';

import { endOnBrokenOutput } from './end-on-broken-output.js';

describe('endOnBrokenOutput', () => {
  const endedBy = (code: string, message: string): { exitCodes: unknown[]; said: unknown } => {
    const [stdout, stderr] = [new PassThrough(), new PassThrough({ encoding: 'utf8' })];
    const exitCodes: unknown[] = [];
    endOnBrokenOutput({ stdout, stderr, exit: (exitCode) => exitCodes.push(exitCode) as never });
    stdout.emit('error', Object.assign(new Error(message), { code }));
    return { exitCodes, said: stderr.read() };
  };

  it('ends without a message when the reader has ended', () => {
    expect(endedBy('EPIPE', 'write EPIPE')).toEqual({ exitCodes: [1], said: null });
  });

  it('says why the output cannot be written', () => {
    expect(endedBy('ENOSPC', 'no space left on device, write')).toEqual({
      exitCodes: [1],
      said: 'The output cannot be written: no space left on device, write.\n',
    });
  });
});
