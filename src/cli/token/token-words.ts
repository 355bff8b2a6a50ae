const UNITS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const;

const words = new Intl.RelativeTimeFormat('en');

/** Decoded token. */
export interface TokenContents {
  readonly header: object;
  readonly claims: object;
}

/** Describes the contents of a token, one line per member. JSON keeps control characters from the terminal. */
export function describeToken({ header, claims }: TokenContents, now = Date.now()): string {
  const section = (title: string, members: object): string[] => [
    title,
    ...Object.entries(members).map(
      ([name, value]) => `  ${JSON.stringify(name)}: ${member(name, value, now)}`,
    ),
  ];
  return [...section('Header', header), ...section('Claims', claims)].join('\n');
}

function member(name: string, value: unknown, now: number): string {
  const text = JSON.stringify(value);
  const isTime = ['exp', 'nbf', 'iat'].includes(name) && typeof value === 'number';
  // 8.64e12 is the last second that a Date can represent.
  return isTime && Math.abs(value) <= 8.64e12
    ? `${text} (${new Date(value * 1000).toISOString()}, ${relative(value - now / 1000)})`
    : text;
}

/** Formats seconds from now as "in 2 hours" or "3 minutes ago". */
function relative(seconds: number): string {
  const whole = Math.round(seconds);
  const [unit, size] = UNITS.find(([, length]) => Math.abs(whole) >= length) ?? UNITS[3];
  return words.format(Math.round(whole / size), unit);
}
