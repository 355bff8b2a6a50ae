import { Logger } from '@nestjs/common';
import { inputRequired } from '@modelcontextprotocol/server';
import { z } from 'zod';

import { ClientInput, type EarlierRounds, InputNeeded, NO_EARLIER_ROUNDS } from './client-input.js';

const form = (message: string, schema: z.ZodObject = z.object({ sure: z.boolean() })) =>
  inputRequired.elicit({ message, requestedSchema: schema });
const sample = (text: string) =>
  inputRequired.createMessage({
    messages: [{ role: 'user', content: { type: 'text', text } }],
    maxTokens: 9,
  });
const page = (url: string) => inputRequired.elicitUrl({ message: 'Pay', url });

type Question = Parameters<ClientInput['ask']>[0];
const ask = (input: ClientInput, question: ReturnType<Question>, key = 'q'): Promise<unknown> =>
  input.ask(
    () => question,
    (response) => response,
    key,
  );

/** Returns the state after a first round that asks one question. */
async function askedFirst(question: ReturnType<Question>, key?: string): Promise<EarlierRounds> {
  const input = new ClientInput({}, NO_EARLIER_ROUNDS);
  await expect(ask(input, question, key)).rejects.toThrow(InputNeeded);
  return input.rounds;
}

describe('the input of a client', () => {
  beforeAll(() => Logger.overrideLogger(false));

  it.each([
    ['a form', form('Delete 3 rows?')],
    ['a page', page('https://pay.example/3')],
    ['the model', sample('Three.')],
    ['the folders', inputRequired.listRoots()],
  ])('answers the same question in the next round: %s', async (_what, question) => {
    const rounds = await askedFirst(question);
    expect(await ask(new ClientInput({ q: 'yes' }, rounds), question)).toBe('yes');
  });

  it.each([
    ['another message', form('Delete 3 rows?'), form('Delete 3000 rows?')],
    ['another schema', form('Delete?'), form('Delete?', z.object({ sure: z.boolean(), all: z.boolean() }))],
    ['another page', page('https://pay.example/3'), page('https://pay.example/3000')],
    ['another text for the model', sample('Three.'), sample('Three thousand.')],
    ['another kind', inputRequired.listRoots(), form('Delete?')],
  ])('is requested again for %s', async (_what, before, now) => {
    const input = new ClientInput({ q: 'yes' }, await askedFirst(before));
    await expect(ask(input, now)).rejects.toThrow(InputNeeded);
    expect(input.pending).toEqual({ q: now });
    expect(input.rounds.answers).toEqual({});
    expect(await ask(new ClientInput({ q: 'yes' }, input.rounds), now)).toBe('yes');
  });

  it('is reused only for the same question', async () => {
    const first = new ClientInput({ q: 'yes' }, await askedFirst(form('Delete 3 rows?')));
    await ask(first, form('Delete 3 rows?'));
    await expect(ask(first, form('Really?'), 'next')).rejects.toThrow(InputNeeded);

    const same = new ClientInput({ next: 'yes' }, first.rounds);
    expect(await ask(same, form('Delete 3 rows?'))).toBe('yes');
    const changed = new ClientInput({ q: 'yes', next: 'yes' }, first.rounds);
    await expect(ask(changed, form('Delete 3000 rows?'))).rejects.toThrow(InputNeeded);
  });

  it('answers the question as it was sent, if a part of it has toJSON', async () => {
    const price = Object.defineProperty({ currency: 'EUR' }, 'toJSON', { value: () => '3 EUR' });
    const question = inputRequired.createMessage({ messages: [], maxTokens: 9, metadata: { price } });
    const input = new ClientInput({}, NO_EARLIER_ROUNDS);
    await expect(ask(input, question)).rejects.toThrow(InputNeeded);
    expect(input.pending).toEqual({
      q: { ...question, params: { ...question.params, metadata: { price: '3 EUR' } } },
    });
    expect(await ask(new ClientInput({ q: 'yes' }, input.rounds), question)).toBe('yes');
  });

  it('is ignored if the question was never asked', async () => {
    for (const rounds of [NO_EARLIER_ROUNDS, await askedFirst(form('Sure?'), 'other')]) {
      const input = new ClientInput({ q: 'yes' }, rounds);
      await expect(ask(input, form('Sure?'))).rejects.toThrow(InputNeeded);
    }
  });

  it('is ignored if the same question has another key', async () => {
    const rounds = await askedFirst(form('Sure?'), 'a');
    const moved = { ...rounds, asked: { b: rounds.asked['a'] ?? '' } };
    await expect(ask(new ClientInput({ b: 'yes' }, moved), form('Sure?'), 'b')).rejects.toThrow(InputNeeded);
  });
});
