"""Growth rates against the levels they lead from and to."""

from __future__ import annotations

import itertools

from ouhe.audit.checks.levels import level, yearly
from ouhe.audit.checks.outcome import Outcome, joined, nothing
from ouhe.audit.interval import Interval, total
from ouhe.audit.published import Growth, Published, period
from ouhe.audit.verdict import Certainty, Verdict

__all__ = ["growth"]


def growth(p: Published) -> Outcome:
    r"""Whether a printed rate of growth is that of the printed first and last level.

    .. math:: g = (x_T / x_0)^{1/n} - 1, \quad n = \\ln(x_T/x_0) / \\ln(1 + g)

    where n is the number of years from the first to the last. Where it is not, the number of years is told that the
    printed rate implies, and other meanings of a rate are tried: of the whole period, simple, continuous, the mean of
    yearly rates.
    """
    return joined(_rate(g, p) for g in p.growths) if p.growths else nothing("growth_none")


def _rate(g: Growth, p: Published) -> Outcome:
    first, last = (level(p, g.variable, g.scope, y, y) for y in (g.first, g.last))
    if first is None or last is None or g.last == g.first or first.value.low <= 0:
        return nothing("growth_no_levels", variable=g.variable, scope=p.scope(g.scope), years=period(g.first, g.last))
    ratio, printed, years = last.value / first.value, g.value.interval, g.last - g.first
    if (ratio ** (1 / years) - 1).meets(printed):
        return Outcome(count=1, agreed=1)
    lines = [_line(first.text, last.text, ratio, years, g)]
    others = [n for n in (years - 1, years + 1) if n > 0 and (ratio ** (1 / n) - 1).meets(printed)]
    meanings = _meanings(g, p, ratio, years)
    kind, certainty = _kind(others, meanings)
    says = {
        "variable": g.variable, "scope": p.scope(g.scope), "first": g.first, "last": g.last, "periods": years,
        "printed": g.value.text + ("" if "%" in g.value.text or not g.value.percent else " %"),
        "rate": f"{100 * ((last.value.middle / first.value.middle) ** (1 / years) - 1):.2f} %",
        "from": first.text, "to": last.text, "other": others[0] if others else "",
    }  # fmt: skip
    if others:
        lines.append(_line(first.text, last.text, ratio, others[0], g))
    if g.value.interval.low > -1:
        implied = ratio.log() / (printed + 1).log()
        if abs(implied.low) < 1e6 and abs(implied.high) < 1e6:
            lines.append(f"n = ln({last.text}/{first.text}) / ln(1 + {says['printed']}) ∈ {implied.shown(decimals=2)}")
    where = tuple(dict.fromkeys((g.where, first.where, last.where)))
    return Outcome(
        (Verdict("growth", kind, certainty, where, (g.variable, p.scope(g.scope)), says, tuple(lines)),), 1, 0
    )


def _kind(others: list[int], meanings: list[str]) -> tuple[str, Certainty]:
    """What the printed rate is, and how sure that is: other meanings of the word leave a question."""
    if others:
        return "growth_periods", "likely" if meanings else "certain"
    if meanings:
        return f"growth_{meanings[0]}", "question"
    return "growth_wrong", "certain"


def _line(first: str, last: str, ratio: Interval, years: int, g: Growth) -> str:
    rate = ratio ** (1 / years) - 1
    sign = "∋" if rate.meets(g.value.interval) else "∌"
    printed = f"{100 * g.value.value:.6g} %"
    return f"({last}/{first})^(1/{years}) − 1 ∈ {rate.shown(decimals=2, percent=True)} {sign} {printed}"


def _meanings(g: Growth, p: Published, ratio: Interval, years: int) -> list[str]:
    """Other meanings of a rate of growth that the printed one agrees with."""
    series = yearly(p, g.variable, g.scope, g.first, g.last)
    found = {
        "total": ratio - 1 if years > 1 else None,
        "simple": (ratio - 1) / years,
        "continuous": ratio.log() / years,
        "yearly": total(b / a - 1 for a, b in itertools.pairwise(series)) / years if series else None,
    }
    return [name for name, rate in found.items() if rate is not None and rate.meets(g.value.interval)]
