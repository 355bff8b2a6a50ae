import { SECTIONS } from '../../src/config/environment.js';
import { envExample } from './env-example.js';
import { variableTable } from './variable-table.js';

/** File with generated parts. */
export interface Document {
  readonly path: string;
  /** Replaces the generated parts of the text of the file. */
  readonly update: (text: string) => string;
}

/** Files that list the variables. */
export const DOCUMENTS_WITH_VARIABLES: readonly Document[] = [
  {
    path: '.env.example',
    update: (text) =>
      replaced(
        text,
        /(?<=^# src\/config\/sections\.\n)[^]*?(?=^# --- docker compose)/m,
        () => `${envExample(SECTIONS)}\n`,
      ),
  },
  {
    path: 'docs/configuration.md',
    update: (text) =>
      SECTIONS.reduce(
        (page, { title, variables }) =>
          replaced(
            page,
            new RegExp(`(?<=<!-- variables:${title} -->\n)[^]*?(?=<!-- /variables -->)`),
            () => `\n${variableTable(variables)}\n`,
          ),
        text,
      ),
  },
  {
    path: 'docker-compose.yml',
    update: (text) =>
      replaced(text, /(?<=^ +# Written by npm run document-variables:\n)(?: +[A-Z_]+:\n)*/m, () =>
        passedVariables()
          .map((name) => `    ${name}:\n`)
          .join(''),
      ),
  },
];

/** Variables that Compose passes from `.env` to the instances, and those for files of secrets. */
const passedVariables = (): string[] =>
  SECTIONS.flatMap(({ variables }) =>
    Object.entries(variables).flatMap(([name, { about }]) => {
      if (about.setByContainer) return [];
      return about.secret || about.exampleFile !== undefined ? [name, `${name}_FILE`] : [name];
    }),
  );

/** @throws {Error} if the text has no such part */
function replaced(text: string, part: RegExp, content: () => string): string {
  if (!part.test(text)) throw new Error(`No text matches ${part.source}.`);
  return text.replace(part, content);
}
