/**
 * Counts the headers with a name in the raw list of names and values, because Node's parsed headers keep only the first.
 *
 * @param name in lower case
 */
export function countHeader(rawHeaders: readonly string[], name: string): number {
  let count = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const candidate = rawHeaders[index];
    if (candidate?.length === name.length && candidate.toLowerCase() === name) count++;
  }
  return count;
}
