/**
 * Waits for work, but not longer than a timeout. The work may go on, and its outcome is then ignored.
 *
 * @param timeout milliseconds
 * @param late creates the error of a timeout
 */
export async function within<Outcome>(
  timeout: number,
  work: Promise<Outcome>,
  late: () => Error,
): Promise<Outcome> {
  let timer: NodeJS.Timeout | undefined;
  const timedOut = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(late()), timeout);
  });
  try {
    return await Promise.race([work, timedOut]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Waits until work has settled, but not longer than a timeout. The work may go on, and its failure is ignored.
 *
 * @param timeout milliseconds
 */
export async function settledWithin(timeout: number, work: Promise<unknown>): Promise<void> {
  await within(timeout, work, () => new Error('too late')).catch(() => undefined);
}
