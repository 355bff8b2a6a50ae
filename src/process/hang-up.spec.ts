import { holdHangUp, onHangUp } from './hang-up.js';

describe('SIGHUP while the process starts', () => {
  let kill: jest.SpiedFunction<typeof process.kill>;
  const handle = jest.fn();
  beforeEach(() => {
    kill = jest.spyOn(process, 'kill').mockReturnValue(true);
    holdHangUp();
    holdHangUp();
  });
  afterEach(() => {
    onHangUp(undefined);
    process.off('SIGHUP', handle);
  });

  it('is held, and handled once there is a handler', () => {
    process.emit('SIGHUP');
    process.emit('SIGHUP');
    onHangUp(handle);
    expect(handle).toHaveBeenCalledTimes(1);
    process.emit('SIGHUP');
    expect(handle).toHaveBeenCalledTimes(2);
    expect(kill).not.toHaveBeenCalled();
  });

  it('ends the process once it is known that nothing handles it', () => {
    process.emit('SIGHUP');
    expect(kill).not.toHaveBeenCalled();
    onHangUp(undefined);
    expect(kill).toHaveBeenCalledWith(process.pid, 'SIGHUP');
    expect(process.listenerCount('SIGHUP')).toBe(0);
  });

  it('does nothing if it did not come', () => {
    onHangUp(handle);
    expect(handle).not.toHaveBeenCalled();
  });
});
