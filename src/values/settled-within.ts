/**
 * Waits until work has settled, but not longer than a timeout. The work may go on, and its failure is ignored.
 *
 * @param timeout milliseconds
 */
export async function settledWithin(timeout: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeout);
  });
  await Promise.race([Promise.allSettled([work]), late]);
  clearTimeout(timer);
}
