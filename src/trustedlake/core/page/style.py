"""The page's style and script, as constants, so that the page's policy can contain their checksums."""

from __future__ import annotations

import base64
import hashlib
import json

from trustedlake.core.page.portuguese.phrases import PHRASES

LIGHT = {
    "page": "#f5f6f4",
    "sheet": "#ffffff",
    "ink": "#1b2228",
    "soft": "#566069",
    "line": "#dde1de",
    "link": "#0a5f6b",
    "good": "#d3e9e1",
    "good-ink": "#14493c",
    "mark": "#a15c00",
    "warn": "#fbe3a8",
    "warn-ink": "#5c3d00",
    "bad": "#ad1f2d",
    "bad-ink": "#ffffff",
    "wait": "#2456a6",
    "bar": "#2c7a68",
    "code": "#eef0ee",
    "step-0": "#6b7680",
    "step-1": "#8a5a9e",
    "step-2": "#20709e",
    "step-3": "#2c7a68",
    "step-4": "#b5532a",
    "step-5": "#8a6d0b",
    "step-6": "#3d4f8f",
    "step-7": "#8b8f92",
}
DARK = {
    "page": "#111517",
    "sheet": "#191f22",
    "ink": "#e4e9ea",
    "soft": "#a2adb3",
    "line": "#2d363a",
    "link": "#7fd0db",
    "good": "#1f473d",
    "good-ink": "#c5eadd",
    "mark": "#f0b458",
    "warn": "#5b4408",
    "warn-ink": "#ffe7b0",
    "bad": "#ff9a94",
    "bad-ink": "#330506",
    "wait": "#9bbcf5",
    "bar": "#63b8a3",
    "code": "#222a2e",
    "step-0": "#97a3ac",
    "step-1": "#c79adb",
    "step-2": "#72b7e0",
    "step-3": "#63b8a3",
    "step-4": "#eb9a73",
    "step-5": "#d2b54a",
    "step-6": "#a0aeea",
    "step-7": "#7d868b",
}

_RULES = """
*{box-sizing:border-box}
html{color-scheme:light dark;-webkit-text-size-adjust:100%;scroll-behavior:smooth}
body{margin:0;background:var(--page);color:var(--ink);
 font:1rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,"Liberation Sans",sans-serif}
header,main,footer{max-width:76rem;margin:0 auto;padding:0 clamp(1rem,4vw,2.5rem)}
header{padding-top:clamp(1.25rem,4vw,2.5rem)}
footer{padding-top:1rem;padding-bottom:3rem;color:var(--soft);font-size:.875rem}
h1,h2,h3,p,ul,dl,dd,figure{margin:0}
h1{font-size:clamp(1.5rem,4vw,2.125rem);line-height:1.2;font-weight:650;letter-spacing:-.015em;overflow-wrap:anywhere}
h2{font-size:1.25rem;line-height:1.3;font-weight:650;letter-spacing:-.01em;overflow-wrap:anywhere}
h3{font-size:.9375rem;line-height:1.4;font-weight:600;margin:1.75rem 0 .625rem}
a{color:var(--link)}
a,button,summary,[tabindex]{outline-offset:3px;border-radius:4px}
:focus-visible{outline:2px solid var(--link)}
.skip{position:absolute;left:-100vw}
.skip:focus{left:1rem;top:.5rem;background:var(--sheet);padding:.5rem .75rem}
.soft{color:var(--soft)}
.n,td,dd,time{font-variant-numeric:tabular-nums}
.n,time{white-space:nowrap}
.bar-top{display:flex;justify-content:space-between;align-items:baseline;gap:1rem;margin-bottom:.25rem}
.brand{color:var(--soft);font-size:.875rem}
button{font:inherit;font-size:.875rem;
 color:var(--link);background:none;border:1px solid var(--line);padding:.125rem .625rem;cursor:pointer}
.lead{display:flex;flex-wrap:wrap;gap:.25rem 1rem;margin-top:.5rem;align-items:center}
.sheet{background:var(--sheet);border:1px solid var(--line);border-radius:12px;padding:clamp(1rem,3vw,1.75rem);
 margin:1.25rem 0}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(8.25rem,42%),1fr));gap:1.25rem}
.facts div{display:flex;flex-direction:column-reverse;justify-content:flex-end}
.facts dt{color:var(--soft);font-size:.8125rem;line-height:1.35}
.facts dd{font-size:1.375rem;line-height:1.3;font-weight:600;letter-spacing:-.01em;white-space:nowrap}
.chip{display:inline-flex;align-items:center;gap:.375rem;border-radius:999px;padding:.0625rem .625rem;
 font-size:.8125rem;font-weight:600;white-space:nowrap;border:1px solid transparent}
.chip.published,.chip.with-rejected{background:var(--good);color:var(--good-ink)}
.chip.open-warnings{background:var(--warn);color:var(--warn-ink)}
.chip.refused,.chip.problem{background:var(--bad);color:var(--bad-ink)}
.chip.pending{border:1px dashed var(--wait);color:var(--wait)}
nav ul{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;list-style:none;padding:0;margin-top:1rem}
.points{list-style:none;padding:0;margin-top:.75rem}
.points>li{padding:1rem 0;border-top:1px solid var(--line)}
.points>li:first-child{border-top:0;padding-top:.25rem}
.points>li:last-child{padding-bottom:0}
.where{display:flex;flex-wrap:wrap;gap:.25rem .75rem;align-items:center;font-size:.9375rem}
.sum{margin-top:.5rem}
.points h3{margin:0}
.point{margin-top:.625rem;padding-left:.875rem;border-left:3px solid var(--line)}
.point .where{font-size:.875rem}
.message{margin:.125rem 0;overflow-wrap:anywhere;max-width:80ch;font-size:.9375rem}
.type{display:grid;grid-template-columns:minmax(7.5rem,max-content) minmax(0,1fr);gap:.25rem .75rem;
 align-items:baseline;font-size:.875rem;color:var(--soft);margin-top:.75rem}
code{font:.8125rem/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;background:var(--code);
 color:var(--ink);border-radius:6px;padding:.1875rem .5rem;overflow-wrap:anywhere;user-select:all}
code{display:block;width:fit-content}
code,code span{max-width:100%}
code span{display:inline-block}
.legend{display:flex;flex-wrap:wrap;gap:.375rem 1.25rem;list-style:none;padding:0;font-size:.8125rem;color:var(--soft)}
.alone{margin-top:1rem}
.spans+.legend{margin-top:1rem}
.legend li{display:flex;align-items:center;gap:.3125rem}
.legend svg{width:16px;height:16px;flex:none}
.months{display:grid;grid-template-columns:repeat(auto-fill,minmax(9.5rem,1fr));gap:1.125rem 1rem;margin-top:1rem}
.months b{display:block;font-size:.8125rem;font-weight:600;color:var(--soft);margin-bottom:.375rem}
.months svg,.legend svg{display:block;overflow:visible}
.months svg{width:152px;max-width:100%;height:auto}
.months text{font-size:10px;text-anchor:middle;fill:var(--soft)}
.sq{fill:var(--good)}
.months .published text,.months .with-rejected text{fill:var(--good-ink)}
.under{fill:var(--mark)}
.open-warnings .sq{fill:var(--warn)}
.months .open-warnings text{fill:var(--warn-ink);font-weight:700}
.corner{fill:var(--mark)}
.disc{fill:var(--bad)}
.months .refused text{fill:var(--bad-ink);font-weight:700}
.dash{fill:none;stroke:var(--wait);stroke-width:1.5;stroke-dasharray:3 2}
.months .pending text{fill:var(--wait);font-weight:700}
.hole{fill:none;stroke:var(--soft);stroke-width:1;stroke-dasharray:1 2}
.done{list-style:none;padding:0;margin-top:.625rem;font-size:.9375rem;overflow-wrap:anywhere}
.done li+li{margin-top:.375rem}
.tiles{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,19rem),1fr));gap:.375rem 1.5rem;
 list-style:none;padding:0;margin-top:1rem;font-size:.875rem}
.tiles li{display:flex;gap:.5rem;align-items:baseline;min-width:0}
.tiles svg{width:14px;height:14px;flex:none;position:relative;top:2px}
.tiles bdi{overflow-wrap:anywhere}
.tiles .n{margin-left:auto}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,24rem),1fr));gap:0 2.5rem}
figcaption{display:flex;flex-wrap:wrap;justify-content:space-between;gap:0 1rem;align-items:baseline}
figcaption h3{margin-bottom:.375rem}
figcaption span,.ends{font-size:.8125rem;color:var(--soft)}
.chart{display:block;max-width:100%;height:84px;border-bottom:1px solid var(--line)}
.chart path{fill:var(--bar)}
.chart.rejected path{fill:var(--mark)}
.ends{margin-top:.25rem}
.also{font-size:.8125rem;margin:.875rem 0 .375rem}
.rank{display:grid;grid-template-columns:minmax(12rem,2fr) minmax(3rem,max-content) 3fr;max-width:60rem;
 gap:.375rem 1rem;align-items:center;font-size:.875rem}
.rank>span:first-child{overflow-wrap:anywhere}
.rank svg{display:block;width:100%;height:7px}
.spans svg{display:block;width:100%;height:12px}
.rank .n{text-align:right}
.rank rect{fill:var(--mark)}
details{margin-top:1.25rem}
details details{margin-top:.5rem}
summary{cursor:pointer;font-size:.9375rem;font-weight:600;color:var(--link);padding:.1875rem 0}
details details summary{font-weight:400}
.scroll{overflow-x:auto;margin-top:.5rem}
table{border-collapse:collapse;font-size:.8125rem;width:100%}
th,td{text-align:right;padding:.25rem 0 .25rem .875rem;white-space:nowrap;vertical-align:top}
th{font-weight:600;color:var(--soft);border-bottom:1px solid var(--line);white-space:normal;vertical-align:bottom}
th:first-child,td:first-child{text-align:left;padding-left:0;white-space:normal;overflow-wrap:anywhere;min-width:9rem}
th:first-child{width:36%}
.proof :is(td,th):last-child{white-space:normal;position:sticky;right:0;background:var(--sheet)}
.proof .d td{font-weight:600;padding-top:.625rem}
.proof .d bdi{font-weight:400;color:var(--soft);display:block;font-size:.75rem}
.proof tr:not(.d) td:first-child{padding-left:.75rem}
.off td{color:var(--soft)}
.ok{color:var(--bar);font-weight:700}
.spans{display:grid;grid-template-columns:max-content max-content minmax(6rem,1fr);gap:.5rem 1rem;align-items:center;
 font-size:.8125rem;margin-top:1rem}
.step-0{fill:var(--step-0)}.step-1{fill:var(--step-1)}.step-2{fill:var(--step-2)}.step-3{fill:var(--step-3)}
.step-4{fill:var(--step-4)}.step-5{fill:var(--step-5)}.step-6{fill:var(--step-6)}.step-7{fill:var(--step-7)}
@media (max-width:34rem){
 .months{grid-template-columns:repeat(2,minmax(0,1fr))}
 .spans{grid-template-columns:minmax(0,1fr);gap:.125rem 1rem}
 .spans svg{grid-column:1/-1;margin-bottom:.625rem}
 .rank{grid-template-columns:1fr max-content;gap:.125rem 1rem}
 .rank svg{grid-column:1/-1;margin-bottom:.5rem}
 .type{grid-template-columns:1fr}
}
@media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
@media print{body{background:none}.sheet{break-inside:avoid;border:0;padding:0}button,.skip{display:none}}
"""

_SCRIPT = """
(() => {
  const words = WORDS;
  const root = document.documentElement, button = document.getElementById("language");
  const swap = text => text.replace(/[.,]/g, sign => sign === "," ? "." : ",");
  const phrase = text => {
    const [, count, rest] = /^([<\\d.,%]+ )?(.*)$/s.exec(text);
    return (count ? swap(count) : "") + (words[rest] ?? rest);
  };
  const picture = text => text.split(" \\u00b7 ").map((part, place) => place ? phrase(part) : part).join(" \\u00b7 ");
  const kinds = [["[data-t]", phrase], [".n", swap], ["svg title", picture],
    ["[data-pt]", (text, node) => node.dataset.pt], ["td:nth-child(n+2)", swap]];
  const nodes = kinds.flatMap(([found, into]) => [...document.querySelectorAll(found)]
    .filter(node => !node.childElementCount).map(node => [node, node.textContent, into]));
  const show = portuguese => {
    root.lang = portuguese ? "pt-BR" : "en";
    for (const [node, text, into] of nodes) node.textContent = portuguese ? into(text, node) : text;
    button.textContent = portuguese ? "English" : "Portugu\\u00eas";
    button.lang = portuguese ? "en" : "pt-BR";
  };
  const ours = (navigator.languages ?? [navigator.language]).find(one => /^(en|pt)\\b/i.test(one)) ?? "en";
  button.hidden = false;
  button.addEventListener("click", () => show(root.lang === "en"));
  if (/^pt/i.test(ours)) show(true); else show(false);
})();
"""


def _variables(colours: dict[str, str]) -> str:
    return ";".join(f"--{name}:{colour}" for name, colour in colours.items())


STYLE = f":root{{{_variables(LIGHT)}}}\n@media (prefers-color-scheme:dark){{:root{{{_variables(DARK)}}}}}{_RULES}"
SCRIPT = _SCRIPT.replace("WORDS", json.dumps(PHRASES).replace("<", "\\u003c"))


def _checksum(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


POLICY = (
    f"default-src 'none'; style-src {_checksum(STYLE)}; script-src {_checksum(SCRIPT)};"
    " base-uri 'none'; form-action 'none'"
)
"""Content-Security-Policy: allows only this style and this script, and nothing from elsewhere."""
