import { Logger } from '@nestjs/common';

import { DroppedConnections } from './dropped-connections.js';

describe('DroppedConnections', () => {
  it('counts all and logs one line a minute', () => {
    const lines = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
    const now = jest.spyOn(performance, 'now');
    const dropped = new DroppedConnections();
    for (const second of [0, 1, 59, 61, 62]) {
      now.mockReturnValue(second * 1_000);
      dropped.add(2);
    }
    expect(dropped.count).toBe(5);
    expect(lines.mock.calls.map(([line]) => line as string)).toEqual([
      'MAX_CONNECTIONS (2) is reached: further connections are closed at once, 1 so far.',
      'MAX_CONNECTIONS (2) is reached: further connections are closed at once, 4 so far.',
    ]);
    jest.restoreAllMocks();
  });
});
