/** Rules of the connect page, in addition to those of all pages. */
export const CONNECT_STYLE: string = `
body { padding: clamp(1rem, 4vw, 3rem) 1rem 3rem; }
.brand, main, footer { max-width: 44rem; margin-inline: auto; }
.brand { display: flex; align-items: center; gap: .75rem; margin-bottom: clamp(1.5rem, 5vw, 3rem); }
.brand img, .mark { width: 2.5rem; height: 2.5rem; border-radius: .625rem; object-fit: contain; }
.mark { display: grid; place-items: center; background: var(--accent); color: var(--accent-ink); font-weight: 700; font-size: 1.25rem; }
.brand b { font-size: 1.0625rem; }
.tag {
  padding: .0625rem .5rem; border: 1px solid var(--edge); border-radius: 1rem; color: var(--quiet);
  font-size: .75rem; font-weight: 600; white-space: nowrap;
}
.brand .tag { margin-left: auto; }
.tag.warn { border-color: currentColor; color: var(--warn); }
h1 { font-size: clamp(1.75rem, 6vw, 2.5rem); line-height: 1.15; letter-spacing: -.03em; text-wrap: balance; }
h2 { font-size: 1.1875rem; letter-spacing: -.01em; }
h3 { margin: 1.5rem 0 .5rem; color: var(--quiet); font-size: .875rem; font-weight: 600; }
.lead { margin-top: .75rem; color: var(--quiet); font-size: 1.125rem; text-wrap: pretty; }
.fine { color: var(--quiet); font-size: .9375rem; }
a { color: var(--accent); text-underline-offset: .2em; }
main > section { margin-top: 2.5rem; }
.address { padding: clamp(1rem, 4vw, 1.5rem); border: 1px solid var(--accent); border-radius: .875rem; background: var(--tint); }
main > .address { margin-top: 2rem; }
.address h2 { margin-bottom: .5rem; font-size: .875rem; letter-spacing: 0; }
.address .copyable { align-items: center; border: 0; background: none; }
.address .copyable pre { padding: .25rem 0; font-size: clamp(1rem, 3.6vw, 1.25rem); white-space: pre-wrap; }
.copyable {
  display: flex; align-items: start; gap: .5rem; margin-top: .5rem; border: 1px solid var(--line); border-radius: .5rem; background: var(--chip);
}
.copyable pre { flex: 1; min-width: 0; padding: .75rem .875rem; overflow-x: auto; border-radius: .5rem; overflow-wrap: normal; }
.address .copyable pre { overflow-wrap: anywhere; }
.copy { flex: none; min-width: 5.25rem; min-height: 2.25rem; margin: .375rem .375rem .375rem 0; padding: .25rem .75rem; background: var(--card); font-size: .875rem; }
.address .copy { min-height: 2.75rem; margin: 0; border-color: var(--accent); background: var(--accent); color: var(--accent-ink); font-size: 1rem; }
.card, .clients { border: 1px solid var(--line); border-radius: .875rem; background: var(--card); }
.card { padding: clamp(1rem, 4vw, 1.5rem); }
.card > p, .row p { margin-top: .375rem; }
.row { display: flex; flex-wrap: wrap; align-items: center; gap: 1rem 1.5rem; }
.row > div { flex: 1 1 18rem; }
.note, .problem { margin-top: 1rem; padding: .625rem .875rem; border-left: 3px solid var(--warn); border-radius: .25rem; background: var(--chip); }
.problem { border-color: var(--bad); }
.problem pre { margin-top: .5rem; white-space: pre-wrap; }
details + details { border-top: 1px solid var(--line); }
summary {
  position: relative; display: flex; flex-wrap: wrap; align-items: baseline; gap: .125rem .75rem; padding: .8125rem 3rem .8125rem 1.25rem;
  cursor: pointer; list-style: none;
}
summary::-webkit-details-marker { display: none; }
summary::after {
  content: ""; position: absolute; top: 1.125rem; right: 1.25rem; width: .5rem; height: .5rem;
  border: solid var(--quiet); border-width: 0 2px 2px 0; rotate: 45deg;
}
summary .tag { align-self: center; }
details[open] > summary::after { translate: 0 .25rem; rotate: 225deg; }
summary:hover .name { color: var(--accent); }
.name { font-weight: 600; }
.kind { color: var(--quiet); font-size: .9375rem; }
.setup { padding: 0 1.25rem 1.25rem; }
.setup > * + * { margin-top: .75rem; }
.setup ol { display: grid; grid-template-columns: minmax(0, 1fr); gap: .75rem; padding-left: 1.25rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .375rem 1.25rem; margin-top: 1.25rem; padding-top: 1.25rem; border-top: 1px solid var(--line); }
dt { color: var(--quiet); }
dd { margin: 0; min-width: 0; }
.chips { display: flex; flex-wrap: wrap; gap: .375rem; padding: 0; list-style: none; }
.chip { padding: .0625rem .5rem; border-radius: .375rem; background: var(--chip); }
.session-title { margin-top: 1.75rem; color: inherit; font-size: 1rem; }
.scope { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: .5rem 1rem; padding: .625rem 0; }
.scope + .scope { border-top: 1px solid var(--line); }
.scope p { flex: 1 1 16rem; }
.scope button { min-height: 2.25rem; padding: .25rem .875rem; font-size: .9375rem; }
.tools { margin-top: .5rem; }
.tools summary { padding-left: 1rem; }
.tools .setup { padding-inline: 1rem; }
.tools .setup summary { display: list-item; padding: .25rem 0; list-style: inside disclosure-closed; color: var(--quiet); font-size: .9375rem; }
form { display: grid; gap: 1rem; }
label, .field { display: grid; gap: .25rem; font-weight: 600; }
label small, .field small { color: var(--quiet); font-size: .875rem; font-weight: 400; }
label.check { grid-template-columns: auto 1fr; align-items: baseline; column-gap: .5rem; }
label.check small { grid-column: 2; }
input[type=checkbox] { width: 1.125rem; height: 1.125rem; accent-color: var(--accent); }
input:not([type=checkbox]), select, textarea {
  width: 100%; min-height: 2.75rem; padding: .5rem .75rem; border: 1px solid var(--edge); border-radius: .5rem; background: var(--ground); color: inherit; font: inherit; font-weight: 400; font-weight: 400;
}
textarea { min-height: 6rem; font: .875em/1.5 ui-monospace, Menlo, Consolas, monospace; resize: vertical; }
form .primary { justify-self: start; }
.result { max-height: 24rem; padding: .75rem .875rem; overflow: auto; border: 1px solid var(--line); border-radius: .5rem; background: var(--chip); white-space: pre-wrap; }
.result.bad { border-color: var(--bad); }
footer { display: flex; gap: 1.5rem; margin-top: 3rem; color: var(--quiet); font-size: .875rem; }
footer :last-child { margin-left: auto; }
.hidden-text { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
[hidden] { display: none !important; }
.tools .setup details[open] > summary { list-style-type: disclosure-open; }
.tools .setup summary::after { content: none; }
@media (max-width: 30rem) {
  dl { grid-template-columns: 1fr; gap: 0; } dd + dt { margin-top: .5rem; }
  .address .copyable { flex-direction: column; align-items: stretch; }
  #sign-in { width: 100%; }
}
@media (prefers-reduced-motion: no-preference) { button, summary::after { transition: filter .15s, rotate .15s, border-color .15s; } }
`;
