# SPDX-License-Identifier: ISC
"""What can be wrong with a portal or the way to it: each class is a way to
make it so, and to make it well again."""

from urllib.parse import urlsplit

import others

LISTS = "device project personal"


class Sickness:
    """prepare(trial): while all is well, before the first fetch.
    begin(), end(): the fault comes and goes.  prove(): raises if somebody was
    told what is none of his business.  close(): whatever came before."""

    needs = ()

    def prepare(self, trial):
        self.trial = trial
        self.world = trial.world
        self.portal = trial.world.portal

    def begin(self):
        raise NotImplementedError

    def end(self):
        raise NotImplementedError

    def prove(self):
        pass

    def close(self):
        pass


class Gone(Sickness):
    """Connections are refused."""

    def begin(self):
        self.portal.stop()

    def end(self):
        self.portal.start()


class Answers(Sickness):
    """One of the emulator's faults (tests/portal/faults.py)."""

    def __init__(self, kind, where="all", retry_after=""):
        self.kind = kind
        self.where = where
        self.retry_after = retry_after

    def begin(self):
        self.portal.break_(self.where, self.kind,
                           retry_after=self.retry_after)

    def end(self):
        hit = [r for r in self.portal.requests() if r["fault"]]
        assert hit, "nobody came upon the fault"
        self.portal.clear()


class SecondText(Answers):
    """A key with two texts in one object, one of them a stranger's."""

    def __init__(self):
        super().__init__("", LISTS)

    def begin(self):
        self.kind = "twice-key:" + self.trial.stranger.public
        super().begin()


class Leads(Answers):
    """The portal sends us to another host, which would let a stranger in."""

    def __init__(self, kind, form, where="all"):
        super().__init__("", where)
        self.name = kind
        self.form = form  # %s: the other host

    def prepare(self, trial):
        super().prepare(trial)
        # On the portal's own port, which the fetcher's fence lets through.
        self.other = others.Listener(
            port=urlsplit(self.portal.url).port,
            answer=others.list_of(trial.stranger))
        self.kind = "%s:%s" % (self.name, self.form % self.other.host)

    def prove(self):
        assert self.other.heard == [], \
            "the other host was asked: %r" % self.other.heard

    def close(self):
        self.other.close()


class Dropped(Sickness):
    def prepare(self, trial):
        super().prepare(trial)
        self.drop = others.Drop(*(
            urlsplit(url).port for url in (self.portal.url,
                                           self.portal.metadata_url)))

    def begin(self):
        self.drop.begin()

    def end(self):
        self.drop.end()


class Tls(Sickness):
    """nginx with TLS before the portal, as it should be."""

    needs = ("nginx",)

    def prepare(self, trial):
        super().prepare(trial)
        self.front = self.world.start_front()
        self.asked = 0

    def begin(self):
        self.front.stop()
        self.asked = len(self.front.log())
        self.spoil()

    def spoil(self):
        raise NotImplementedError

    def end(self):
        asked = len(self.front.log()) - self.asked
        assert asked == 0, "%d requests came through" % asked
        self.mend()
        self.front.start()

    def mend(self):
        pass


class Certificate(Tls):
    """Another certificate than the portal's: nobody may ask its owner."""

    def __init__(self, **wrong):
        self.wrong = wrong

    def spoil(self):
        self.front.certify(**self.wrong)
        self.front.start()

    def mend(self):
        self.front.stop()
        self.front.certify()


class NotTls(Tls):
    """Something else on the TLS port, which answers so, or never."""

    def __init__(self, answer=None):
        self.answer = answer
        self.other = None

    def spoil(self):
        self.other = others.Listener("127.0.0.1", self.front.port,
                                     self.answer)

    def mend(self):
        self.other.close()

    def prove(self):
        # one that came too late may have said nothing
        assert any(self.other.heard), "nobody came"
        for heard in self.other.heard:
            assert heard[:1] in (b"", b"\x16"), "no TLS: %r" % heard
            for token in self.portal.tokens.values():
                assert token.encode() not in heard, "it heard the token"

    def close(self):
        if self.other is not None:
            self.other.close()


class SilentNames(Tls):
    """The portal's name can't be found, nor is it said that it isn't there."""

    needs = ("nginx", "log")
    name = "portal.packet-keys.test"

    def prepare(self, trial):
        super().prepare(trial)
        self.server = others.NameServer(self.world.dir)
        self.front.stop()
        self.front.certify(names="DNS:" + self.name)
        self.front.start()
        self.world.configure(url=self.world.config["url"].replace(
            "127.0.0.1", self.name))

    def begin(self):
        self.asked = len(self.front.log())
        self.server.silent = True

    def end(self):
        assert self.server.asked, "the name server was not asked"
        assert len(self.front.log()) == self.asked, "the portal was reached"
        self.server.silent = False

    def close(self):
        self.server.close()
