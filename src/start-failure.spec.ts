import { ConfigurationError } from './config/configuration-error.js';
import { startFailure } from './start-failure.js';

describe('startFailure', () => {
  it('shows the problems of settings without a stack', () => {
    const error = new ConfigurationError([{ variable: 'PORT', problem: 'is 0', remedy: 'Set a port.' }]);
    expect(startFailure(error)).toBe(error.message);
  });

  it('shows the message of an error with a cause, and the stack of another one', () => {
    const cause = new RangeError('inside');
    expect(startFailure(new Error('outside', { cause }))).toBe('Aerie cannot start: outside');
    expect(startFailure(cause)).toBe(`Aerie cannot start: ${cause.stack}`);
    expect(startFailure('no error')).toBe('Aerie cannot start: no error');
  });

  it('says what to do if a class was imported as a type', () => {
    const message =
      "Nest can't resolve dependencies of the OrderTools (?). Please make sure that the argument";
    expect(startFailure(new Error(`${message} Function at index [0] is available.`))).toContain(
      'without `type`',
    );
    expect(startFailure(new Error(`${message} Orders at index [0] is available.`))).not.toContain('`type`');
  });

  it('says how to start a build without the embedded issuer', () => {
    const error = new Error("Cannot find module '/app/dist/dev-issuer/dev-issuer.service.js'");
    const message = startFailure(Object.assign(error, { code: 'ERR_MODULE_NOT_FOUND' }));
    expect(message).toContain('NODE_ENV: only production is possible');
    expect(message).toContain('Set NODE_ENV=production');
  });
});
