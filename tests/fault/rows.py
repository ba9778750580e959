# SPDX-License-Identifier: ISC
"""The rows of the fault table, in the order in which they are printed."""

from dataclasses import dataclass

from sickness import (LISTS, Answers, Certificate, Dropped, Gone, Leads,
                      NotTls, SecondText, SilentNames, Sickness)

HTTP_ON_TLS = (b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n"
               b"Connection: close\r\n\r\n")
THOUSANDS = 100000


@dataclass
class Row:
    name: str
    text: str
    sickness: Sickness
    # one of them must be in the reason that is logged; "": any reason
    words: tuple = ("",)
    # the sources that fail; the others must stay up to date
    sick: tuple = ("device", "project", "personal")
    fresh: float = 0  # seconds
    # for so long the portal asked to be left alone
    hold: float = 0
    # it is no fault but a strain: the answer may also come in time
    may_succeed: bool = False

    @property
    def all_sick(self):
        return len(self.sick) == 3


def answers(name, text, kind, *words, where="all", **more):
    return Row(name, text, Answers(kind, where), words or ("",), **more)


def statuses():
    for status, words in ((401, "was not accepted"), (403, "may not read"),
                          (404, "404"), (422, "422"), (429, "429"),
                          (500, "500"), (503, "503")):
        yield answers("status-%d" % status, "the portal answers %d" % status,
                      "status:%d" % status, words)


def retry_after():
    for name, value in (("seconds", "4"), ("date", "date:5")):
        yield Row("retry-after-" + name, "429 with Retry-After as %s" % name,
                  Answers("status:429", retry_after=value), ("429",),
                  hold=3)


def one_sick():
    for name, kind, text in (("500", "status:500", "answers 500"),
                             ("empty", "empty", "answers with nothing"),
                             ("html", "html", "answers with HTML"),
                             ("silent", "hang", "never answers")):
        yield answers("one-source-" + name,
                      "one source %s, another has a revocation in it" % text,
                      kind, where="personal", sick=("personal",), fresh=2)


ROWS = [
    Row("refused", "connection refused", Gone(), ("refused",)),
    Row("dropped", "packets dropped", Dropped(), ("no connection within",)),
    answers("silent", "accepts and never answers", "hang",
            "no answer within"),
    answers("one-byte-a-second", "one byte a second", "drip",
            "no answer within", "cut short"),
    answers("no-http", "bytes that are no HTTP", "noise",
            "no usable answer"),
    Row("tls-unknown-ca", "TLS: unknown CA", Certificate(ca="other"),
        ("not trusted",)),
    Row("tls-wrong-name", "TLS: wrong name",
        Certificate(names="DNS:elsewhere.example"), ("not trusted",)),
    Row("tls-expired", "TLS: expired", Certificate(days=0), ("expired",)),
    Row("tls-plain-http", "plain HTTP on the TLS port", NotTls(HTTP_ON_TLS),
        ("TLS",)),
    Row("tls-silent", "the TLS port accepts and never answers", NotTls(),
        ("no connection within",)),
    *statuses(),
    *retry_after(),
    answers("html", "200 with HTML, as of a captive portal", "html",
            "HTML"),
    answers("html-502", "502 with HTML", "html:502", "502"),
    Row("redirect", "redirect to another host",
        Leads("redirect", "http://%s/ssh-keys"), ("redirects",)),
    answers("empty", "empty body", "empty", "is empty"),
    answers("no-members", "{}", "body:{}", "no ssh_keys"),
    answers("null", "null", "body:null", "not JSON"),
    answers("null-list", "null for a list", 'body:{"ssh_keys":null}',
            "no list"),
    answers("text-list", "a text for a list", "wrong-type", "no list"),
    answers("number-keys", "numbers for keys", 'body:{"ssh_keys":[1,2]}',
            "none of its 2 elements", where=LISTS),
    answers("cut", "cut short, and the connection closed", "cut",
            "cut short"),
    answers("short", "cut short, and complete as HTTP", "short",
            "cut short", where=LISTS),
    answers("bad-utf8", "invalid UTF-8", "bad-utf8", "no UTF-8",
            where=LISTS),
    answers("garbage", "no JSON at all", "garbage", "not JSON"),
    answers("deep", "200,000 levels deep", "deep", "too deep"),
    answers("endless", "endless body", "endless", "larger than",
            "no answer within"),
    answers("gzip-bomb", "a gzip bomb", "gzip-bomb", "larger than",
            "no answer within"),
    answers("double-list", "duplicate list in JSON, the second empty",
            "twice", "twice", where=LISTS),
    Row("double-text", "duplicate text in a key, the second a stranger's",
        SecondText(), ("twice",)),
    answers("many-keys", "100,000 keys", "many:%d" % THOUSANDS,
            where="project", sick=("project",), fresh=4, may_succeed=True),
    answers("page-loop", "a next page that is itself", "next:/ssh-keys",
            "in a circle", where="personal", sick=("personal",), fresh=2),
    answers("page-chain", "next pages without end", "chain", "2000 pages",
            "no answer within", where="personal", sick=("personal",), fresh=2),
    Row("page-elsewhere", "next page on another host",
        Leads("next", "http://%s/ssh-keys", LISTS), ("portal's own",)),
    Row("page-elsewhere-short", "next page on another host, without scheme",
        Leads("next", "//%s/ssh-keys", LISTS), ("portal's own",)),
    Row("dns-hangs", "DNS that hangs", SilentNames(),
        ("name was not found",)),
    *one_sick(),
]
