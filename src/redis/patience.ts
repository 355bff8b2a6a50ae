/** Longest time that a request waits for Redis, milliseconds. */
const PATIENCE = 40;

/**
 * Waits for Redis, but not for long.
 *
 * @param command what was sent to it
 * @throws what the command throws, or that Redis is too slow
 */
export async function withPatience<Answer>(command: Promise<Answer>): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined;
  const tooSlow = new Promise<never>((_resolve, reject) => {
    const giveUp = (): void => reject(new Error('Redis does not answer in time.'));
    // Under load the time may be over because this process was busy. What has arrived meanwhile is read before
    // an immediate runs, so that nobody counts alone just because many are calling.
    timer = setTimeout(() => setImmediate(giveUp), PATIENCE);
  });
  try {
    return await Promise.race([command, tooSlow]);
  } finally {
    clearTimeout(timer);
  }
}
