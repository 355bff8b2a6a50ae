/** Line of a terminal, from the moment at which it appears. */
export interface Line {
  readonly text: string;
  readonly kind: 'command' | 'comment' | 'output';
  /** Moment at which it appears, or begins to be typed. */
  readonly atMs: number;
  /** Time that it takes to type. */
  readonly typingMs: number;
}

/** Lines on the terminal until it is cleared. */
export type Screen = readonly Line[];

const COLUMNS = 104;
const CHARACTER_WIDTH = 8.4;
const LINE_HEIGHT = 19;
const MARGIN = 18;
const TITLE_HEIGHT = 34;
const WIDTH = MARGIN * 2 + COLUMNS * CHARACTER_WIDTH;

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Breaks a line as a terminal does. */
const rowsOf = (text: string): string[] => text.match(new RegExp(`.{1,${COLUMNS}}`, 'g')) ?? [''];

/**
 * Draws what a terminal shows over time, as an animated SVG without scripts that repeats. For readers who prefer
 * reduced motion, it shows the last screen.
 */
export function terminalSvg(title: string, screens: readonly Screen[], durationMs: number): string {
  const percent = (ms: number): string => `${((ms / durationMs) * 100).toFixed(2)}%`;
  const rows = Math.max(...screens.map((lines) => lines.flatMap(({ text }) => rowsOf(text)).length));
  const height = TITLE_HEIGHT + MARGIN * 2 + rows * LINE_HEIGHT;
  const rules: string[] = [];
  /** Shows an element from one moment until another. */
  const during = (fromMs: number, untilMs: number): string => {
    const name = `t${rules.length}`;
    rules.push(
      `@keyframes ${name}{0%{opacity:0}${percent(fromMs)}{opacity:1}${percent(untilMs)}{opacity:0}}` +
        `.${name}{animation:${name} ${durationMs}ms step-end infinite}`,
    );
    return name;
  };
  const typed = (fromMs: number, typingMs: number, characters: number): string => {
    const name = `t${rules.length}`;
    rules.push(
      `@keyframes ${name}{0%{transform:scaleX(0)}${percent(fromMs)}{transform:scaleX(0);animation-timing-function:` +
        `steps(${characters})}${percent(fromMs + typingMs)},100%{transform:scaleX(1)}}` +
        `.${name}{animation:${name} ${durationMs}ms step-end infinite}`,
    );
    return name;
  };

  const drawn = screens.map((lines, index) => {
    const untilMs = screens[index + 1]?.[0]?.atMs ?? durationMs * 2;
    let row = 0;
    const texts = lines.flatMap(({ text, kind, atMs, typingMs }) =>
      rowsOf(text).map((part) => {
        const top = TITLE_HEIGHT + MARGIN + row++ * LINE_HEIGHT;
        if (part.trim() === '') return '';
        const length = (part.length * CHARACTER_WIDTH).toFixed(1);
        const content =
          `<text class="${kind}" x="${MARGIN}" y="${top + 14}" textLength="${length}" xml:space="preserve">` +
          `${escaped(part)}</text>`;
        const shown = during(atMs, untilMs);
        if (typingMs === 0) return `<g class="${shown}">${content}</g>`;
        const clip = `c${rules.length}`;
        const box = `x="${MARGIN}" y="${top}" width="${length}" height="${LINE_HEIGHT}"`;
        return (
          `<clipPath id="${clip}"><rect class="${typed(atMs, typingMs, part.length)}" ${box}/></clipPath>` +
          `<g class="${shown}" clip-path="url(#${clip})">${content}</g>`
        );
      }),
    );
    return `<g class="${index === screens.length - 1 ? 'last' : 'earlier'}">\n${texts.filter(Boolean).join('\n')}\n</g>`;
  });

  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escaped(title)}">
<style>
text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:#d6dae2}
.command{fill:#fff;font-weight:600}.comment{fill:#8fa3bf}
rect{transform-box:fill-box;transform-origin:left}
${rules.join('\n')}
@media (prefers-reduced-motion:reduce){*{animation:none!important}.earlier{display:none}}
</style>
<rect width="${WIDTH}" height="${height}" rx="10" fill="#161b26"/>
<path d="M0 10a10 10 0 0 1 10-10h${WIDTH - 20}a10 10 0 0 1 10 10v24h-${WIDTH}z" fill="#242b3a"/>
<circle cx="20" cy="17" r="5" fill="#59647a"/><circle cx="38" cy="17" r="5" fill="#59647a"/><circle cx="56" cy="17" r="5" fill="#59647a"/>
${drawn.join('\n')}
</svg>
`;
}
