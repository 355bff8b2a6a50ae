import { concernsMemoryReducer } from './memory-reducer-flags.js';

describe('concernsMemoryReducer', () => {
  it.each([
    '--gc-memory-reducer-start-delay-ms=500',
    '--gc_memory_reducer_start_delay_ms=500',
    '-gc-memory-reducer-start-delay-ms=500',
    '--memory-reducer-gc-count=3',
    '--no-memory-reducer',
    '--nomemory_reducer',
    '--freeze-flags-after-init',
  ])('is true for %s', (flag) => expect(concernsMemoryReducer(flag)).toBe(true));

  it.each(['--trace-memory-reducer', '--max-old-space-size=200', '--enable-source-maps'])(
    'is false for %s',
    (flag) => expect(concernsMemoryReducer(flag)).toBe(false),
  );
});
