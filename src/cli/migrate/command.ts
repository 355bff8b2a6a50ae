import { addExamples, type Define } from '../terminal/command.js';

/** Defines `migrate`. */
export const defineMigrate: Define = (command, io) => {
  command
    .description(
      'Migrates the schema of DATABASE_URL with the role of DATABASE_MIGRATION_URL, and checks the role of the ' +
        'application. A deployment runs it before its instances, which then need no password of the owner.',
    )
    .action(async () => {
      const { migrate } = await import('./migrate.js');
      io.stdout.write(`${await migrate()}\n`);
    });
  addExamples(command, [['migrate', 'bring the schema up to date']]);
};
