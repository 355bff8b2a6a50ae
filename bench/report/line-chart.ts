/** Values over time. */
export interface Series {
  readonly name: string;
  readonly values: readonly number[];
}

const WIDTH = 800;
const HEIGHT = 110;
const LEFT = 60;
const GAP = 50;

/** SVG chart with one panel per series, each with its own scale from zero. Readable on light and dark pages. */
export function lineChart(minutes: readonly number[], series: readonly Series[]): string {
  const end = minutes.at(-1) ?? 1;
  const panels = series.map(({ name, values }, index) => {
    const top = GAP + index * (HEIGHT + GAP);
    const most = Math.max(...values) || 1;
    const points = values.map((value, at) => {
      const x = LEFT + ((minutes[at] ?? 0) / end) * (WIDTH - LEFT - 20);
      return `${x.toFixed(1)},${(top + HEIGHT - (value / most) * HEIGHT).toFixed(1)}`;
    });
    return [
      `<text x="${LEFT}" y="${top - 10}" font-weight="bold">${name}</text>`,
      `<text x="${LEFT - 8}" y="${top + 10}" text-anchor="end">${most.toFixed(1)}</text>`,
      `<text x="${LEFT - 8}" y="${top + HEIGHT}" text-anchor="end">0</text>`,
      `<path d="M${LEFT} ${top}V${top + HEIGHT}H${WIDTH - 20}" fill="none" stroke="#a3aab3"/>`,
      `<polyline points="${points.join(' ')}" fill="none" stroke="#0b6bcb" stroke-width="1.5"/>`,
    ].join('\n');
  });
  const height = GAP + series.length * (HEIGHT + GAP);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12">`,
    '<rect width="100%" height="100%" fill="#ffffff"/>',
    ...panels,
    `<text x="${WIDTH - 20}" y="${height - 15}" text-anchor="end">${end} minutes</text>`,
    '</svg>',
    '',
  ].join('\n');
}
