import { fstatSync, write, writeSync } from 'node:fs';

import type { OutputTarget } from './buffered-output.js';

const STANDARD_OUTPUT = 1;

/** Returns standard output as a target that neither blocks nor stops the process. */
export function standardOutput(): OutputTarget {
  // Standard error may be the same disk or reader. Without a listener, an error of a stream stops the process.
  process.stderr.on('error', () => {});
  const kind = fstatSync(STANDARD_OUTPUT);
  return kind.isFIFO() || kind.isSocket() || process.stdout.isTTY ? streamTarget() : FILE;
}

/**
 * Writes to a pipe, socket or terminal through Node's stream, which does not block. A blocking write to a pipe that
 * nobody reads would occupy a thread that even `process.exit()` waits for.
 */
function streamTarget(): OutputTarget {
  const { stdout } = process;
  // The callback of each write gets the error too.
  stdout.on('error', () => {});
  return {
    write: (text, done) => void stdout.write(text, done),
    writeLast: (text) => void stdout.write(text),
  };
}

/** Writes to a file or device. The stream of Node would block, and would stay unusable after an error. */
const FILE: OutputTarget = {
  write: (text, done) => writeAll(Buffer.from(text), done),
  writeLast: (text) => {
    let rest = Buffer.from(text);
    while (rest.length > 0) rest = rest.subarray(writeSync(STANDARD_OUTPUT, rest));
  },
};

function writeAll(bytes: Buffer, done: (error?: Error | null) => void): void {
  write(STANDARD_OUTPUT, bytes, (error, written) => {
    if (error || written === bytes.length) done(error);
    else writeAll(bytes.subarray(written), done);
  });
}
