import { newKeyPair, writeKeyPair } from './keygen/key-pair.js';
import { type KeygenCommand, parseKeygenCommand, USAGE } from './keygen/keygen-command.js';
import { UsageError } from './terminal/usage-error.js';

/** Runs the command and returns its output. */
async function main(command: KeygenCommand): Promise<string> {
  if (command.do === 'help') return USAGE;
  const [privatePath, publicPath] = await writeKeyPair(await newKeyPair(command.kind), command.folder);
  return [
    `${privatePath} signs tokens. Keep it only where tokens are signed.`,
    `${publicPath} verifies tokens. Configure it on the server: JWT_PUBLIC_KEY_FILE=${publicPath}`,
    '',
  ].join('\n');
}

try {
  process.stdout.write(await main(parseKeygenCommand(process.argv.slice(2))));
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(error instanceof UsageError ? `${message}\n\n${USAGE}` : `${message}\n`);
  process.exitCode = 1;
}
