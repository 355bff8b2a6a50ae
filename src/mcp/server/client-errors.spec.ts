import { z } from 'zod';

import { inOwnWords } from '../failures/protocol-failure.js';
import { clientError } from './client-errors.js';

const params = z.object({
  name: z.string(),
  level: z.enum(['info', 'error']).optional(),
  token: z.union([z.string(), z.number()]).optional(),
  ref: z
    .union([
      z.object({ type: z.literal('ref/prompt'), name: z.string() }),
      z.object({ type: z.literal('ref/resource'), uri: z.string() }),
    ])
    .optional(),
});

/** Creates the error of the SDK for invalid parameters. */
const thrown = (value: unknown): { code: number; message: string } => ({
  code: -32_603,
  message: `Invalid tools/call request: ${z.object({ params }).safeParse({ params: value }).error?.message}`,
});

describe('clientError', () => {
  it.each([
    [{}, 'params.name is missing.'],
    [undefined, 'params is missing.'],
    [{ name: null }, 'params.name must be a string, not null.'],
    [{ name: 'x', level: 'loud' }, 'params.level must be one of info, error.'],
    [{ name: 'x', token: [] }, 'params.token must be a string or a number, not an array.'],
    [{ name: 'x', ref: 7 }, 'params.ref must be an object, not a number.'],
    [{ name: 'x', ref: { type: 'ref/prompt' } }, 'params.ref.name is missing.'],
    [{ name: 'x', ref: { type: 'ref/resource', uri: 7 } }, 'params.ref.uri must be a string, not a number.'],
    [{ name: 'x', ref: { type: 'other' } }, 'params.ref.type must be one of ref/prompt, ref/resource.'],
  ])('names the problem of %j', (value, message) => {
    expect(clientError(thrown(value), 'legacy')).toEqual({ code: -32_602, message });
  });

  it('hides the details of an invalid result, which is not the fault of the client', () => {
    const { error } = z.object({ content: z.array(z.string()) }).safeParse({});
    const message = `Invalid tools/call result: ${error?.message}`;
    expect(clientError({ code: -32_602, message }, 'modern')).toEqual({
      code: -32_603,
      message: 'Internal error',
    });
  });

  it('keeps messages that are not validator reports', () => {
    for (const message of ['No such thing: [1]', 'A list:\n[\n1]', 'Broken: [\n{']) {
      expect(clientError({ code: -32_603, message }, 'legacy')).toEqual({ code: -32_603, message });
    }
  });

  it('keeps messages of handlers, even in the form of a report', () => {
    const { message } = thrown({});
    expect(clientError(inOwnWords(-32_602, message), 'legacy')).toEqual({ code: -32_602, message });
  });

  it('keeps the error of an unknown resource whose URI has the form of a report', () => {
    const error = { code: -32_602, message: 'No resource [\n{"path":[],"code":"x"}]', data: { uri: 'x' } };
    expect(clientError(error, 'modern')).toEqual(error);
  });

  it('uses the code of the revision for an unknown resource', () => {
    const error = { code: -32_602, message: 'Resource not found', data: { uri: 'x://y' } };
    expect(clientError(error, 'legacy')).toEqual({ ...error, code: -32_002 });
    expect(clientError(error, 'modern')).toEqual(error);
  });
});
