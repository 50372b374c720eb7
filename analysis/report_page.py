#!/usr/bin/python3
"""The report as one HTML file: all inside, no script, no network; for screen, phone and paper."""
import base64
import re
from html import escape

_STYLE = """
:root { color-scheme: light; --ink: #22272e; --soft: #57606a; --line: #d8dee4; --tint: #f6f8fa; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1100px; padding: 1.2rem 1.4rem 3rem; color: var(--ink);
       background: white; font: 16px/1.5 system-ui, "DejaVu Sans", sans-serif; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0.4rem 0; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 2.2rem 0 0.3rem; border-top: 1px solid var(--line);
     padding-top: 1rem; overflow-wrap: anywhere; }
p { margin: 0.4rem 0; max-width: 46rem; }
.soft, figcaption { color: var(--soft); font-size: 0.92rem; }
nav { font-size: 0.92rem; margin: 0.8rem 0; }
nav a { display: inline-block; margin: 0 0.9rem 0.25rem 0; color: #0b5cad; }
.numbers { display: grid; grid-template-columns: repeat(auto-fill, minmax(10.5rem, 1fr));
           gap: 0.6rem; margin: 1rem 0; padding: 0; }
.numbers div { border: 1px solid var(--line); border-radius: 6px; padding: 0.45rem 0.7rem;
               background: var(--tint); }
.numbers dt { color: var(--soft); font-size: 0.8rem; }
.numbers dd { margin: 0; font-size: 1.15rem; font-weight: 600; overflow-wrap: anywhere; }
figure { margin: 0.6rem 0 0; break-inside: avoid; }
figure img { display: block; width: 100%; height: auto; }
.table { overflow-x: auto; margin: 0.6rem 0; }
table { border-collapse: collapse; font-size: 0.86rem; font-variant-numeric: tabular-nums; }
th, td { border-bottom: 1px solid var(--line); padding: 0.25rem 0.7rem 0.25rem 0;
         text-align: right; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
td.text, th.text { text-align: left; }
details { margin: 0.8rem 0; }
summary { cursor: pointer; }
pre { overflow-x: auto; background: var(--tint); padding: 0.7rem; font-size: 0.78rem; }
@media (max-width: 600px) { body { padding: 0.8rem 0.8rem 2rem; } h1 { font-size: 1.3rem; }
  .numbers { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  table { font-size: 0.78rem; } th, td { padding-right: 0.45rem; }
  th:first-child, td:first-child { white-space: normal; } }
@media print { @page { margin: 14mm; } body { max-width: none; padding: 0; font-size: 10pt; }
  nav, details { display: none; } h2, h2 + .soft { break-after: avoid; }
  h2 { border: 0; margin-top: 0.6rem; }
  section { break-inside: avoid; } section.rows { break-inside: auto; }
  tr { break-inside: avoid; }
  .table { overflow: visible; }
  .numbers { grid-template-columns: repeat(5, minmax(0, 1fr)); }
  .numbers div { background: none; } a { color: inherit; text-decoration: none; } }
"""


def _image(content):
    return "data:image/png;base64," + base64.b64encode(content).decode("ascii")


def figure_section(name, title, caption, wide, narrow):
    """A figure in two widths (PNG bytes), of which a browser shows the one that fits."""
    return f"""<section id="{escape(name)}">
<h2>{escape(title)}</h2>
<figure><picture>
<source media="(max-width: 600px)" srcset="{_image(narrow)}">
<img src="{_image(wide)}" alt="{escape(f'{title}. {caption}', quote=True)}">
</picture><figcaption>{escape(caption)}</figcaption></figure>
</section>
"""


def numbers(pairs):
    """Cards: (name, text) each."""
    cards = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(_with_its_unit(text))}</dd></div>"
                    for name, text in pairs)
    return f'<dl class="numbers">{cards}</dl>\n'


def _with_its_unit(text):
    """No line ends between a number and its unit."""
    return re.sub(r"(?<=\d) (?=\w)", "\xa0", text)


def table(name, title, frame, caption=""):
    """A DataFrame as a section of its own; numbers to the right."""
    words = [frame[column].dtype == object for column in frame]
    kind = [' class="text"' if word else "" for word in words]
    head = "".join(f"<th{k}>{escape(str(column))}</th>" for k, column in zip(kind, frame))
    rows = "".join("<tr>" + "".join(f"<td{k}>{_cell(value)}</td>"
                                    for k, value in zip(kind, row)) + "</tr>\n"
                   for row in frame.itertuples(index=False))
    return f"""<section id="{escape(name)}" class="rows"><h2>{escape(title)}</h2>
{paragraph(caption, soft=True)}<div class="table"><table><thead><tr>{head}</tr></thead><tbody>
{rows}</tbody></table></div></section>
"""


def _cell(value):
    """A value as HTML; a long name may go on in a new line after a dot or an underscore."""
    if isinstance(value, float):
        return "" if value != value else f"{value:,.4g}"
    if isinstance(value, int):
        return f"{value:,}"
    return re.sub(r"([._])(?=\w)", r"\1<wbr>", escape(str(value)))


def folded(title, text):
    """A long text that opens at a click."""
    return f"<details><summary>{escape(title)}</summary><pre>{escape(text)}</pre></details>\n"


def paragraph(text, soft=False):
    """A line of text; none when there is nothing to say."""
    plain = text.replace("   ", " · ")
    return f"<p{' class=soft' if soft else ''}>{escape(plain)}</p>\n" if text else ""


def page(title, head, sections, contents):
    """The whole document; `contents` are (name, title) of the sections."""
    links = "".join(f'<a href="#{escape(name)}">{escape(text)}</a>' for name, text in contents)
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>{escape(title)}</title><style>{_STYLE}</style></head>
<body><header><h1>{escape(title)}</h1>
{head}<nav>{links}</nav></header>
<main>
{"".join(sections)}</main></body></html>
"""
