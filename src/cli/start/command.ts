import { addExamples, type Define } from '../terminal/command.js';

/** Defines `start`. */
export const defineStart: Define = (command) => {
  command
    .description(
      'Runs the server with the variables of this environment and of .env, until SIGTERM or Ctrl-C stops it. ' +
        'Without SK_ENV_URL, it runs an embedded authorization server for development.',
    )
    .action(async () => {
      process.setSourceMapsEnabled(true);
      await import('../../main.js');
      await new Promise<never>(() => undefined); // the server ends the process
    });
  addExamples(command, [['start', 'run the server']]);
};
