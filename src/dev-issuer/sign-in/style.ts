import { BASE_STYLE } from '../../pages/base-style.js';

/** Style of every page; inline so that the content security policy can allow its hash. */
export const PAGE_STYLE = `${BASE_STYLE}
body { padding: clamp(.75rem, 3vh, 3rem) 1rem; }
.brand, main { max-width: 34rem; margin-inline: auto; }
.brand { display: flex; align-items: center; justify-content: space-between; margin-bottom: .75rem; padding: 0 .25rem; }
.brand b { font-size: 1.125rem; letter-spacing: -.01em; }
.brand span {
  padding: .125rem .625rem; border: 1px solid currentColor; border-radius: 1rem;
  color: var(--warn); font-size: .8125rem; font-weight: 600;
}
main { --inset: clamp(1rem, 4vw, 1.75rem); padding: var(--inset); background: var(--card); border: 1px solid var(--line); border-radius: .875rem; }
h1 { font-size: 1.375rem; line-height: 1.25; letter-spacing: -.02em; font-weight: 600; text-wrap: balance; }
h1 .client { color: var(--accent); }
h2, legend { padding: 0; font-size: .875rem; font-weight: 600; }
p { margin-top: .5rem; }
p:has(> .button) { margin-top: 1rem; }
a { color: var(--accent); text-underline-offset: .2em; }
.requester { display: flex; align-items: center; gap: .875rem; }
.requester p { margin-top: .125rem; }
.logo { flex: none; display: grid; place-items: center; width: 2.75rem; height: 2.75rem; border-radius: .625rem; background: var(--chip); object-fit: contain; font-size: 1.25rem; font-weight: 700; }
.mark { padding: 0 .5rem; border: 1px solid currentColor; border-radius: 1rem; color: var(--warn); font-size: .75rem; font-weight: 600; white-space: nowrap; }
.lead { color: var(--quiet); }
.fine { color: var(--quiet); font-size: .875rem; }
.access { margin-top: .875rem; padding-top: .875rem; border-top: 1px solid var(--line); }
.scopes { margin-top: .375rem; padding: 0; list-style: none; }
.scopes li { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 .625rem; padding: .125rem 0; font-size: .9375rem; }
.scopes code { padding: 0 .375rem; border-radius: .375rem; background: var(--chip); }
.scopes span { color: var(--quiet); }
fieldset { display: grid; gap: .375rem; margin-top: .875rem; padding: 0; border: 0; min-width: 0; }
legend { margin-bottom: .375rem; }
legend span { color: var(--quiet); font-weight: 400; }
.user {
  display: flex; gap: .75rem; padding: .5rem .875rem; border: 1px solid var(--line); border-radius: .625rem; cursor: pointer;
}
.user:has(:disabled) { cursor: not-allowed; opacity: .65; }
.user:hover { border-color: var(--edge); }
.user:has(:checked) { border-color: var(--accent); background: var(--tint); box-shadow: inset 0 0 0 1px var(--accent); }
.user:has(:focus-visible) { outline: 3px solid var(--accent); outline-offset: 2px; }
.user input { flex: none; width: 1.125rem; height: 1.125rem; margin-top: .1875rem; accent-color: var(--accent); }
.user input:focus-visible { outline: none; }
.who { flex: 1; min-width: 0; display: flex; flex-wrap: wrap; align-items: baseline; column-gap: .75rem; }
.name { font-weight: 600; }
.membership { color: var(--quiet); font-size: .9375rem; }
.grant { margin-left: auto; font-size: .875rem; }
.grant code { margin-right: .25rem; color: var(--warn); }
.actions {
  position: sticky; bottom: 0; display: flex; gap: .75rem; margin: .5rem calc(-1 * var(--inset)) calc(-1 * var(--inset));
  padding: .75rem var(--inset) var(--inset); border-radius: 0 0 .875rem .875rem; background: var(--card);
  box-shadow: 0 -1rem .75rem -.5rem var(--card);
}
.actions button { flex: 1; }
.actions .primary { flex: 2; }
`;
