import { runHandler, spanHandlers } from './handler-span.js';

describe('spanHandlers', () => {
  it('ends only its own span', async () => {
    const spans: string[] = [];
    const spanNamed =
      (name: string) =>
      <Result>(handler: () => Promise<Result>): Promise<Result> => {
        spans.push(name);
        return handler();
      };
    const endFirst = spanHandlers(spanNamed('first'));
    const endSecond = spanHandlers(spanNamed('second'));
    endFirst();
    expect(await runHandler(async () => 7)).toBe(7);
    endSecond();
    await runHandler(async () => 7);
    expect(spans).toEqual(['second']);
  });
});
