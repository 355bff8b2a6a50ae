/** Maximum time that a request waits for Redis. */
const MAX_WAIT_MS = 40;

/**
 * Waits for a Redis command for a short time.
 *
 * @param command the pending command
 * @throws the error of the command, or a timeout error
 */
export async function withPatience<Answer>(command: Promise<Answer>): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined;
  const tooSlow = new Promise<never>((_resolve, reject) => {
    const giveUp = (): void => reject(new Error('Redis did not respond in time.'));
    // Under load, the timer may fire late because this process was busy. Responses that have arrived are read before
    // an immediate runs, so load alone does not make instances count limits separately.
    timer = setTimeout(() => setImmediate(giveUp), MAX_WAIT_MS);
  });
  try {
    return await Promise.race([command, tooSlow]);
  } finally {
    clearTimeout(timer);
  }
}
