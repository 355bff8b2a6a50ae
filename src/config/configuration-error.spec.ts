import { inspect } from 'node:util';

import { ConfigurationError } from './configuration-error.js';

describe('a configuration error', () => {
  it('shows nothing but its message where it is not caught', () => {
    const problem = { variable: 'PORT', problem: 'is 0', remedy: 'Set a port.' };
    const error = new ConfigurationError([problem], ['PROT is not a variable of Aerie.']);
    expect(inspect(error)).toBe(
      [
        '[ConfigurationError: Aerie cannot start: 1 configuration problem.',
        '  PORT: is 0',
        '    → Set a port.',
        '  Note: PROT is not a variable of Aerie.]',
      ].join('\n'),
    );
    expect(error).toMatchObject({ problems: [problem], warnings: ['PROT is not a variable of Aerie.'] });
  });
});
