# SPDX-License-Identifier: ISC
"""How results are printed: TAP for programs, a table for people."""

WIDTH = 60  # of what happened
HEAD = ("fault", "what happened", "hit", "first", "second", "login", "first",
        "second", "well in")


def say(text):
    print(text, flush=True)


def say_tap(number, result):
    title = "%d - %s: %s" % (number, result.name, result.text)
    if result.outcome == "skipped":
        say("ok %s # SKIP %s" % (title, result.why))
    elif result.outcome == "ok":
        say("ok %s" % title)
    else:
        say("not ok %s" % title)
        for row in result.why.rstrip("\n").split("\n"):
            say("#   " + row)


def ms(seconds):
    return "-" if seconds is None else "%.0f" % (seconds * 1000)


def cells(result):
    if result.outcome == "skipped":
        happened = "skipped: " + result.why
    elif result.outcome == "failed":
        happened = "FAILED; " + result.happened
    else:
        happened = result.happened
    if len(happened) > WIDTH:
        happened = happened[:WIDTH - 1] + "…"
    return (result.name, happened, *map(ms, (
        result.hit, result.first, result.second, result.login_hit,
        result.login_first, result.login_second, result.recovered)))


def print_table(results):
    """Comments, as far as TAP is concerned."""
    rows = [HEAD, *map(cells, results)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(HEAD))]
    say("# ms: an answer on a fresh snapshot, the first and the second under "
        "the fault; the")
    say("# same of logins through sshd; and until a new key worked and a "
        "removed one stopped")
    for number, row in enumerate(rows):
        texts = [c.ljust(w) if i < 2 else c.rjust(w)
                 for i, (c, w) in enumerate(zip(row, widths))]
        say("# " + "  ".join(texts))
        if number == 0:
            say("# " + "  ".join("-" * w for w in widths))


def summary(results):
    say("1..%d" % len(results))
    print_table(results)
    count = {name: sum(r.outcome == name for r in results)
             for name in ("ok", "failed", "skipped")}
    say("# %(ok)d passed, %(failed)d failed, %(skipped)d skipped" % count)
