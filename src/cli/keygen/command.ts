import { Option } from 'commander';

import { addExamples, type Define } from '../terminal/command.js';
import { type KeygenOptions, keyKind } from './key-kind.js';

/** Defines `keygen`. */
export const defineKeygen: Define = (command, io) => {
  command
    .description(
      'Writes private.pem, which signs tokens, and public.pem, which verifies them. Never overwrites a file.',
    )
    .addOption(
      new Option('--type <type>', 'type of the keys').choices(['rsa', 'ec', 'ed25519']).default('rsa'),
    )
    .option('--bits <bits>', 'size: 2048 (default), 3072 or 4096 for rsa; 256 (default), 384 or 521 for ec')
    .option('--out <folder>', 'folder of the files', '.')
    .action(async (options: KeygenOptions) => {
      const { keygen } = await import('./keygen.js');
      io.stdout.write(await keygen(keyKind(options), options.out));
    });
  addExamples(command, [
    ['keygen', 'create an RSA key pair in this folder'],
    ['keygen --type ed25519 --out keys', 'create an Ed25519 key pair in another folder'],
  ]);
};
