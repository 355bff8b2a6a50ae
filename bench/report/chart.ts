import type { Figure } from '../results.js';

const ROW = 22;
const LABELS = 330;
const BARS = 420;
const WIDTH = LABELS + BARS + 90;

/** SVG chart with a horizontal bar per result, Aerie's in another color. Readable on light and dark pages. */
export function chart(figures: readonly Figure[], own: string): string {
  const most = Math.max(...figures.map(({ requestsPerSecond }) => requestsPerSecond));
  const eras = [...new Set(figures.map(({ era }) => era))];
  let y = 10;
  const parts = eras.flatMap((era) => {
    y += ROW;
    const title = `<text x="10" y="${y}" font-weight="bold">MCP ${escape(era)}, requests per second</text>`;
    const bars = figures
      .filter((figure) => figure.era === era)
      .toSorted((a, b) => b.requestsPerSecond - a.requestsPerSecond)
      .map((figure) => {
        y += ROW;
        return bar(figure, y, most, figure.server === own);
      });
    y += ROW / 2;
    return [title, ...bars];
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y + ROW}" font-family="sans-serif" font-size="12">`,
    `<rect width="100%" height="100%" fill="#ffffff"/>`,
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

function bar(
  { server, operation, requestsPerSecond }: Figure,
  y: number,
  most: number,
  isOwn: boolean,
): string {
  const width = Math.max(1, Math.round((requestsPerSecond / most) * BARS));
  return [
    `<text x="${LABELS - 10}" y="${y}" text-anchor="end">${escape(`${server} · ${operation}`)}</text>`,
    `<rect x="${LABELS}" y="${y - 11}" width="${width}" height="14" fill="${isOwn ? '#0b6bcb' : '#a3aab3'}"/>`,
    `<text x="${LABELS + width + 6}" y="${y}">${requestsPerSecond}</text>`,
  ].join('');
}

const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
