import type { Command } from 'commander';

import type { Io } from './io.js';

/** Adds options, examples and the action to a command. Its imports must be light: `--help` loads it too. */
export type Define = (command: Command, io: Io) => void;

/** Command line after the program's name, and its purpose. */
export type Example = readonly [words: string, purpose: string];

/** Adds examples to the help text. */
export function addExamples(command: Command, examples: readonly Example[]): void {
  const program = command.parent?.name() ?? '';
  const lines = examples.map(([words, purpose]) => `  # ${purpose}\n  ${program} ${words}`);
  command.addHelpText('after', `\nExamples:\n${lines.join('\n')}`);
}

/** Collects the values of an option that may be repeated. */
export const collect = (value: string, previous: readonly string[] = []): string[] => [...previous, value];
