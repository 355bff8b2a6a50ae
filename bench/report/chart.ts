import { AERIE, CALL, LIST } from '../cases.js';
import { ERAS } from '../exchange.js';
import { type Figure, figureOf } from '../results.js';
import { isFurther } from './result-tables.js';

const BAR = 12;
const ROW = 2 * BAR + 8;
const TITLE = 34;
const LABELS = 290;
const BARS = 400;
const WIDTH = LABELS + BARS + 70;

/** Colors of Aerie and of other servers, for each era. */
const OWN = ['#0b6bcb', '#7fb6ec'];
const OTHERS = ['#6b7480', '#b9c0c8'];

interface Group {
  readonly title: string;
  readonly rows: readonly { readonly label: string; readonly server: string; readonly operation: string }[];
}

/**
 * SVG chart of the throughputs: calls and lists of all servers, then the further operations of Aerie. Each row has a bar
 * per era, and each group its own scale. Readable on light and dark pages.
 */
export function chart(figures: readonly Figure[]): string {
  let y = 10;
  const parts = groupsOf(figures).flatMap(({ title, rows }) => {
    const rates = rows.map(({ server, operation }) =>
      ERAS.map((era) => figureOf(figures, server, era, operation)?.requestsPerSecond),
    );
    const most = Math.max(...rates.flat().map((rate) => rate ?? 0));
    y += TITLE;
    const heading = `<text x="10" y="${y - 12}" font-weight="bold">${escape(title)}</text>`;
    const bars = rows.map(({ label, server }, index) => {
      const colors = server === AERIE ? OWN : OTHERS;
      const drawn = (rates[index] ?? []).flatMap((rate, era) =>
        rate === undefined ? [] : bar(rate, y + era * BAR, most, colors[era] ?? ''),
      );
      const text = `<text x="${LABELS - 10}" y="${y + BAR + 4}" text-anchor="end">${escape(label)}</text>`;
      y += ROW;
      return [text, ...drawn].join('');
    });
    return [heading, ...bars];
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y + 10}" font-family="sans-serif" font-size="12">`,
    `<rect width="100%" height="100%" fill="#ffffff"/>`,
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

/** Rows with the fastest of their eras first. */
const fastest = (rows: readonly Figure[]): Group['rows'] => {
  const sorted = rows.toSorted((a, b) => b.requestsPerSecond - a.requestsPerSecond);
  const names = new Map(
    sorted.map(({ server, operation }) => [`${server}, ${operation}`, { server, operation }]),
  );
  return [...names.values()].map((row) => ({
    ...row,
    label: isFurther(row) ? row.operation : row.server,
  }));
};

function groupsOf(figures: readonly Figure[]): Group[] {
  const legend = `upper bar: MCP ${ERAS[0]}, lower bar: ${ERAS[1]}`;
  const groups = [CALL, LIST].map((operation) => ({
    title: `${operation}, requests per second (${legend})`,
    rows: fastest(figures.filter((figure) => figure.operation === operation)),
  }));
  return [
    ...groups,
    { title: 'Further operations and configurations of Aerie', rows: fastest(figures.filter(isFurther)) },
  ].filter(({ rows }) => rows.length > 0);
}

const bar = (rate: number, y: number, most: number, color: string): string => {
  const width = Math.max(1, Math.round((rate / most) * BARS));
  return [
    `<rect x="${LABELS}" y="${y}" width="${width}" height="${BAR - 1}" fill="${color}"/>`,
    `<text x="${LABELS + width + 6}" y="${y + BAR - 2}" font-size="10">${rate}</text>`,
  ].join('');
};

const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
