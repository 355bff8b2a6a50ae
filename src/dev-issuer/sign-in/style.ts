/** Style of every page; inline so that the content security policy can allow its hash. */
export const PAGE_STYLE = `
:root {
  color-scheme: light dark;
  --ground: #f3f4f1; --card: #ffffff; --ink: #1b2420; --quiet: #5a655f; --line: #dcdfd9; --edge: #8a948e;
  --accent: #0f5c4d; --accent-ink: #ffffff; --tint: #eaf3ef; --chip: #f0f1ed; --warn: #8a4b12;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #121614; --card: #1a201d; --ink: #e7ebe8; --quiet: #a0aba5; --line: #2d3531; --edge: #6c7771;
    --accent: #7fd1b9; --accent-ink: #08241d; --tint: #1d2d28; --chip: #242b28; --warn: #e5ae73;
  }
}
* { box-sizing: border-box; margin: 0; }
body {
  min-height: 100vh; padding: clamp(1rem, 4vw, 3.5rem) 1rem; background: var(--ground); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
}
.brand, main { max-width: 34rem; margin-inline: auto; }
.brand { display: flex; align-items: center; justify-content: space-between; margin-bottom: 1rem; padding: 0 .25rem; }
.brand b { font-size: 1.125rem; letter-spacing: -.01em; }
.brand span {
  padding: .125rem .625rem; border: 1px solid currentColor; border-radius: 1rem;
  color: var(--warn); font-size: .8125rem; font-weight: 600;
}
main {
  padding: clamp(1.25rem, 5vw, 2.25rem); background: var(--card);
  border: 1px solid var(--line); border-radius: .875rem; overflow-wrap: anywhere;
}
h1 { font-size: 1.5rem; line-height: 1.25; letter-spacing: -.02em; font-weight: 600; text-wrap: balance; }
h1 .client { color: var(--accent); }
h2, legend { padding: 0; font-size: .875rem; font-weight: 600; }
p { margin-top: .75rem; }
.lead { color: var(--quiet); }
.fine { color: var(--quiet); font-size: .875rem; }
code { font: .8125rem/1.4 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
.facts { margin: 1.5rem 0; border-block: 1px solid var(--line); }
.facts div { display: flex; gap: 1rem; padding: .5rem 0; }
.facts div + div { border-top: 1px solid var(--line); }
.facts dt { flex: 0 0 5.5rem; color: var(--quiet); }
.facts dd { min-width: 0; font-weight: 500; }
.scopes { display: flex; flex-wrap: wrap; gap: .375rem; margin-top: .5rem; padding: 0; list-style: none; }
.scopes li { padding: .0625rem .5rem; border-radius: .375rem; background: var(--chip); }
fieldset { display: grid; gap: .625rem; margin-top: 1.5rem; padding: 0; border: 0; min-width: 0; }
legend { margin-bottom: .5rem; }
.user {
  display: flex; gap: .75rem; padding: .875rem 1rem; border: 1px solid var(--line); border-radius: .625rem; cursor: pointer;
}
.user:hover { border-color: var(--edge); }
.user:has(:checked) { border-color: var(--accent); background: var(--tint); box-shadow: inset 0 0 0 1px var(--accent); }
.user:has(:focus-visible) { outline: 3px solid var(--accent); outline-offset: 2px; }
.user input { flex: none; width: 1.125rem; height: 1.125rem; margin-top: .1875rem; accent-color: var(--accent); }
.user input:focus-visible { outline: none; }
.who { flex: 1; min-width: 0; display: flex; flex-wrap: wrap; align-items: baseline; column-gap: .75rem; }
.name { font-weight: 600; }
.membership { color: var(--quiet); font-size: .9375rem; }
.grant { flex-basis: 100%; margin-top: .125rem; font-size: .875rem; }
.grant code { margin-right: .25rem; color: var(--warn); }
.actions { display: flex; gap: .75rem; margin-top: 1.5rem; }
button {
  flex: 1; min-height: 2.75rem; padding: .5rem 1.25rem; border: 1px solid var(--edge); border-radius: .5rem;
  background: transparent; color: inherit; font: inherit; font-weight: 600; cursor: pointer;
}
button:hover { border-color: var(--ink); }
button.primary { flex: 2; border-color: var(--accent); background: var(--accent); color: var(--accent-ink); }
button.primary:hover { filter: brightness(1.1); }
button:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
`;
