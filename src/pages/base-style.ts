/** Colors, text and buttons that all pages share. A page adds its own rules and puts both into one inline style. */
export const BASE_STYLE: string = `
:root {
  color-scheme: light dark;
  --ground: #f3f4f1; --card: #ffffff; --ink: #1b2420; --quiet: #5a655f; --line: #dcdfd9; --edge: #858f89;
  --accent: #0f5c4d; --accent-ink: #ffffff; --tint: #eaf3ef; --chip: #f0f1ed; --warn: #8a4b12; --bad: #a4262c;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #121614; --card: #1a201d; --ink: #e7ebe8; --quiet: #a0aba5; --line: #2d3531; --edge: #6c7771;
    --accent: #7fd1b9; --accent-ink: #08241d; --tint: #1d2d28; --chip: #242b28; --warn: #e5ae73; --bad: #f2a0a0;
  }
}
* { box-sizing: border-box; margin: 0; }
body {
  min-height: 100vh; background: var(--ground); color: var(--ink); overflow-wrap: anywhere;
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
}
code, pre { font: .875em/1.5 ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "Liberation Mono", monospace; }
button, .button {
  min-height: 2.75rem; padding: .5rem 1.25rem; border: 1px solid var(--edge); border-radius: .5rem;
  background: transparent; color: inherit; font: inherit; font-weight: 600; cursor: pointer;
}
a.button { display: inline-block; text-decoration: none; line-height: 1.625rem; }
button:hover, .button:hover { border-color: var(--ink); }
.primary { border-color: var(--accent); background: var(--accent); color: var(--accent-ink); }
.primary:hover { border-color: var(--accent); filter: brightness(1.1); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
`;
