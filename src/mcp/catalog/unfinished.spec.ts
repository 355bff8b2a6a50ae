import { unfinishedWarnings } from './unfinished.js';

describe('unfinishedWarnings', () => {
  it('names each description that is still to be written', () => {
    const id = { type: 'string', description: 'TODO: tell a model what to pass.' };
    const inputSchema = { type: 'object', properties: { order: { type: 'object', properties: { id } } } };
    expect(unfinishedWarnings({ description: 'TODO', inputSchema })).toEqual([
      'its description begins with TODO, but is published. Write it.',
      'the description of its input member "order.id" begins with TODO, but is published. Write it.',
    ]);
    const lines = { type: 'array', items: { type: 'string', description: 'TODO: what a line contains' } };
    const texts = {
      outputSchema: { type: 'object', properties: { lines } },
      arguments: [{ name: 'a' }, { name: 'b', description: 'TODO: tell the user' }],
    };
    expect(unfinishedWarnings(texts)).toEqual([
      'the description of its output member "lines[]" begins with TODO, but is published. Write it.',
      'the description of its argument "b" begins with TODO, but is published. Write it.',
    ]);
  });

  it('accepts other descriptions, and none', () => {
    expect(unfinishedWarnings({ description: 'Lists what is TODO.' })).toEqual([]);
    expect(unfinishedWarnings({ description: 'TODO items of a person.' })).toEqual([]);
    expect(unfinishedWarnings({})).toEqual([]);
  });
});
