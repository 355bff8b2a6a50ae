/** Says something to whoever runs the benchmark. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
