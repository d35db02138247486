"""The report of finished runs: one HTML page that needs no other file, Markdown, and JSON.

The templates escape everything but the plots, which `plots` escapes itself. Not here: the figures
(`summary`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from eval.measures.rows import LOWER_IS_BETTER
from eval.reports import plots
from eval.reports.results import Result, read_results
from rag.text.templates import html_environment

if TYPE_CHECKING:
    from jinja2 import Template

_FOLDER = Path(__file__).parent
_HEADLINE = {
    "retrieval": ("nDCG@10", "P@1", "R@10", "RR"),
    "sentences": ("P@1 in the document", "RR in the pool"),
    "answers": ("right document", "gold span quoted", "containment", "balanced accuracy", "AUROC"),
    "verify": ("as expected", "precision", "recall", "document"),
}
"""The measures of each task that the summary at the top shows."""

_PLOTTED = {"retrieval": "nDCG@10", "answers": "right document", "verify": "document"}
_COUNTS = {"answer characters", "quotations", "language bias"}

Figure = Mapping[str, Any]


def write(results: Sequence[Result], out: Path) -> Path:
    """Writes `report.html`, `report.md` and `report.json` to `out`; returns the page's path."""
    out.mkdir(parents=True, exist_ok=True)
    whole = json.dumps({"suites": list(results)}, indent=1, ensure_ascii=False)
    (out / "report.json").write_text(whole + "\n", encoding="utf-8")
    (out / "report.md").write_text(as_markdown(results), encoding="utf-8")
    page = out / "report.html"
    page.write_text(as_html(results), encoding="utf-8")
    return page


def rewrite(out: Path) -> Path:
    """Writes the report of the runs in `out` again. Raises UsageError where there are none."""
    return write(read_results(out), out)


def as_html(results: Sequence[Result]) -> str:
    """The page, with its style and plots inside."""
    return _template("report.html").render(
        results=results,
        headlines=list(_headlines(results)),
        plots={result["suite"]: list(_plots(result)) for result in results},
        lower=LOWER_IS_BETTER,
        style=_style(),
    )


def _template(name: str) -> Template:
    templates = html_environment(_FOLDER)
    templates.filters |= {
        "figure": figure, "interval": interval, "by_task": by_task, "short": _short
    }  # fmt: skip
    return templates.get_template(name)


def _style() -> Markup:
    return Markup((_FOLDER / "report.css").read_text(encoding="utf-8"))


def standalone(title: str, table: str, plot: str) -> str:
    """A page with one Markdown table, whose cells have no markup, and one plot."""
    rows = [
        [cell.strip(" `") for cell in line.strip("|").split("|")]
        for line in table.splitlines()
        if not line.startswith("|---")
    ]
    return _template("bench.html").render(
        title=title, rows=rows, plot=_plot(title, plot), style=_style()
    )


def _headlines(results: Sequence[Result]) -> Iterator[dict[str, Any]]:
    """A row for each suite and task: its main measures, by group where there is no "all"."""
    for result in results:
        for task, wanted in _HEADLINE.items():
            own = {
                line["measure"]: line
                for line in result["figures"]
                if line["task"] == task and line["group"] == "all" and line["measure"] in wanted
            }
            if own:
                shown = [own[name] | {"label": name} for name in wanted if name in own]
                yield {"suite": result["suite"], "task": task, "lines": shown}
            by_group = [
                dict(line) | {"label": f"{line['measure']} {line['group']}"}
                for line in _by_group(result, task)
                if "→" in line["group"]
            ]
            if by_group:
                yield {"suite": result["suite"], "task": task, "lines": by_group}


def _plots(result: Result) -> Iterator[dict[str, Any]]:
    for task in _PLOTTED:
        by_group = _by_group(result, task)
        if len(by_group) > 1:
            measure = by_group[0]["measure"]
            yield _bars(f"{task}: {measure} by group", by_group, "group", measure)
        elif task == "retrieval" and task in result["tasks"]:
            own = [x for x in result["figures"] if x["task"] == task]
            main = [x for x in own if x["measure"] in _HEADLINE[task]]
            yield _bars("retrieval", main, "measure", "all questions")
    if result["curves"]:
        points = [(x, y) for x, y in result["curves"]["risk_coverage"]]
        bins = [(x, y, n) for x, y, n in result["curves"]["reliability"]]
        yield _plot("Risk and coverage (the dotted line: 5 % risk)", plots.risk_coverage(points))
        yield _plot("Reliability of the confidence", plots.reliability(bins))
    for task, seen in result["latency"].items():
        half, most = _time(seen["p50_ms"]), _time(seen["p95_ms"])
        title = f"Latency, {task}: median {half}, 95 % {most}"
        yield _plot(title, plots.histogram(seen["counts"], seen["edges_ms"], title))


def _time(ms: float) -> str:
    return f"{ms:.0f} ms" if ms < 1000 else f"{ms / 1000:.1f} s"


def _by_group(result: Result, task: str) -> list[Figure]:
    """The figures of one measure by group.

    Of the main measures it is the one with most figures of other systems, else the usual one.
    """
    usual = _PLOTTED.get(task)
    if usual is None:
        return []
    own = [x for x in result["figures"] if x["task"] == task and x["group"] != "all"]
    beside = {m: sum(len(x["anchors"]) for x in own if x["measure"] == m) for m in _HEADLINE[task]}
    measure = max(beside, key=lambda m: (beside[m], m == usual))
    return [x for x in own if x["measure"] == measure]


def _bars(title: str, lines: Sequence[Figure], label: str, name: str) -> dict[str, Any]:
    """Bars labelled by group or by measure, with the figures of other systems."""
    ends = ("value", "low", "high")
    rows: list[plots.Bar] = [(x[label], *(x["all"][end] for end in ends)) for x in lines]
    marks = [[(a["what"], a["value"]) for a in x["anchors"]] for x in lines]
    more = " (lines: others)" if any(marks) else ""
    return _plot(title + more, plots.bars(rows, name, marks))


def _plot(title: str, svg: str) -> dict[str, Any]:
    return {"title": title, "svg": Markup(svg)}


def by_task(
    lines: Sequence[Figure],
) -> list[tuple[str, list[tuple[str, list[Figure]]]]]:
    """The lines of each task by group, all questions first."""
    tasks: dict[str, dict[str, list[Figure]]] = {}
    for line in lines:
        tasks.setdefault(line["task"], {}).setdefault(line["group"], []).append(line)
    return [(task, list(groups.items())) for task, groups in tasks.items()]


def figure(line: Figure, half: str = "all") -> str:
    """The value as it is shown; a dash where the half has none."""
    estimate = line[half]
    return "–" if estimate is None else _number(estimate["value"], line["measure"])


def interval(line: Figure, half: str = "all") -> str:
    """The interval as it is shown; "" where the half has none."""
    estimate = line[half]
    if estimate is None:
        return ""
    low, high = (_number(estimate[end], line["measure"]) for end in ("low", "high"))
    return f"{low} … {high}"


def _short(what: str) -> str:
    """The name of another system, without what follows a bracket, colon or comma."""
    return re.split(r"[:(,]", what)[0].strip()


def _number(value: float, measure: str) -> str:
    return f"{value:.1f}" if measure in _COUNTS else f"{value:.3f}"


def as_markdown(results: Sequence[Result]) -> str:
    """The report as Markdown: every figure, the worst questions, how the runs were made."""
    out = ["# Evaluation of Fonds", ""]
    for result in results:
        config = result["config"]
        out += [f"## {result['suite']}", "", result["description"], ""]
        out += [_made(config), ""]
        out += ["| task | group | measure | reporting half | development half | all | n | beside |"]
        out += ["|---|---|---|---|---|---|---:|---|"]
        for line in result["figures"]:
            cells = [
                f"{figure(line, half)} ({interval(line, half)})" if line[half] else "–"
                for half in ("reporting", "development", "all")
            ]
            beside = "; ".join(f"{a['value']:g} {a['what']}" for a in line["anchors"])
            out.append(
                f"| {line['task']} | {line['group']} | {line['measure']} | {' | '.join(cells)} "
                f"| {line['n']} | {beside} |"
            )
        for seen in result["failed"]:
            out.append(f"\nFailed: {seen['task']} {seen['id']}: {seen['error']}")
        out += ["", "### Worst questions", ""]
        out += [
            f"1. `{w['id']}` ({w['task']}, {w['group']}) {_line(w['text'])} — wanted: "
            f"{_line(w.get('wanted', ''))} — found: {_found(w)}"
            for w in result["worst"]
        ]
        hashes = [f"- `{name}` {digest}" for name, digest in config["sha256"].items()]
        out += ["", "### SHA-256", "", *hashes, ""]
    return "\n".join(out)


def _made(config: Mapping[str, Any]) -> str:
    corpus, seconds = config["corpus"], config["seconds"]
    left_out = f", without: {config['ablation']}" if config["ablation"] else ""
    return (
        f"Fonds {config['version']} (source {config['code_sha256'][:12]}{left_out}), encoder "
        f"{config['encoder']}; {corpus['documents']} documents, {corpus['passages']} passages; "
        f"questions: {', '.join(f'{t} {n}' for t, n in config['asked'].items())}; "
        f"{seconds['whole']:g} s, {seconds['loading']:g} s of it loading."
    )


def _found(w: Mapping[str, Any]) -> str:
    found = _line(str(w.get("answer") or "")) or ", ".join(
        hit["document"] for hit in w.get("retrieved", ())
    )
    return w["failed"] or found or "nothing"


def _line(text: str) -> str:
    joined = " ".join(text.split()).replace("|", "\\|")
    return joined if len(joined) <= 240 else f"{joined[:240]}…"


def as_text(results: Sequence[Result]) -> str:
    """The main figures and the failures, for a terminal."""
    out = []
    for head in _headlines(results):
        shown = ", ".join(
            f"{line['label']} {figure(line)} ({interval(line)})" for line in head["lines"]
        )
        out.append(f"{head['suite']:<20} {head['task']:<10} {shown}")
    for result in results:
        out += [f"FAILED {result['suite']} {f['id']}: {f['error']}" for f in result["failed"]]
    return "\n".join(out)
