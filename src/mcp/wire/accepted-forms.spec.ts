import { acceptedForms } from './accepted-forms.js';
import { JsonRpcError } from './json-rpc-error.js';

describe('acceptedForms', () => {
  it.each([
    [undefined, true, true],
    ['application/json, text/event-stream', true, true],
    ['text/event-stream;q=0.9, Application/JSON', true, true],
    ['*/*', true, true],
    ['application/json', true, false],
    ['application/*', true, false],
    ['text/event-stream', false, true],
    ['text/html, text/*;q=0.1', false, true],
    ['application/json, text/event-stream;q=0', true, false],
    ['application/json; q=0.000, */*', false, true],
    ['*/*;q=0.1, text/*;q=0', true, false],
    ['text/*;q=0, text/event-stream, application/json', true, true],
    ['application/json;q=0, application/json;charset=utf-8', true, false],
  ])('parses %s: JSON %s, event stream %s', (accept, json, eventStream) => {
    expect(acceptedForms(accept)).toEqual({ json, eventStream });
  });

  it.each(['text/html', '', 'application/json;q=0', 'application/jsonl', '*/*;q=0'])(
    'rejects %j with 406',
    (accept) => {
      expect(() => acceptedForms(accept)).toThrow(JsonRpcError);
    },
  );
});
