import { unfinishedWarnings } from './unfinished.js';

describe('unfinishedWarnings', () => {
  it('names each description that is still to be written', () => {
    const id = { type: 'string', description: 'TODO: tell a model what to pass.' };
    const inputSchema = { type: 'object', properties: { order: { type: 'object', properties: { id } } } };
    expect(unfinishedWarnings({ description: 'TODO', inputSchema })).toEqual([
      'its description begins with TODO, and models read it. Write it.',
      'the description of its input member "order.id" begins with TODO, and models read it. Write it.',
    ]);
  });

  it('accepts other descriptions, and none', () => {
    expect(unfinishedWarnings({ description: 'Lists what is TODO.' })).toEqual([]);
    expect(unfinishedWarnings({ description: 'TODOs of a person.' })).toEqual([]);
    expect(unfinishedWarnings({})).toEqual([]);
  });
});
