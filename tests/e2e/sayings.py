# SPDX-License-Identifier: ISC
"""What our programs say to syslog in one world. Mixed into harness.World,
whose log is None where /dev/log isn't ours."""

import re
import time


class Sayings:
    def messages(self, mark=None):
        """What our programs have said to syslog in this world, or since the
        mark."""
        return [m for m in self.log.since(self.log_mark if mark is None
                                          else mark)
                if m.tag.startswith("packet-")]

    def said(self, *words, seconds=1.0, mark=None):
        """Whether one message holds all the words; None without a log."""
        if self.log is None:
            return None
        limit = time.monotonic() + seconds
        while True:
            if any(all(w in m.text for w in words)
                   for m in self.messages(mark)):
                return True
            if time.monotonic() > limit:
                return False
            time.sleep(0.02)

    def told(self, mark, program, *starts):
        """All that a program has said since the mark (of those lines that
        start so); it must have ended."""
        self.log.catch_up()
        return [m.text for m in self.log.since(mark)
                if m.tag == program and m.text.startswith(starts or "")]

    def mark(self):
        """The present end of the log."""
        if self.log is None:
            return 0
        self.log.catch_up()
        return len(self.log.messages)

    def refusal_since(self, mark, key, user, seconds=0.5):
        """The code that a lookup has logged for the key; "" for none, None
        without a log."""
        if self.log is None:
            return None
        form = re.compile(r"\[(?:refused|denied)\] user %s: key %s refused: "
                          r"([a-z-]+)" % (re.escape(user),
                                          re.escape(key.fingerprint)))
        limit = time.monotonic() + seconds
        while True:
            for message in self.log.since(mark):
                match = form.match(message.text)
                if message.tag == "packet-authorized-keys" and match:
                    return match.group(1)
            if time.monotonic() > limit:
                return ""
            time.sleep(0.02)
