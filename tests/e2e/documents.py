# SPDX-License-Identifier: ISC
"""What stories do with policies: the file, the fleet's, the denied keys, and
what packet-keys explains of them. Mixed into harness.World."""

import json
import os

NOTHING = object()


def document(**parts):
    """keys=, users=, groups= as the text of a policy."""
    return json.dumps({"version": 1, **parts}, indent=2) + "\n"


class Documents:
    @property
    def policy_file(self):
        return self.config["file"]

    @property
    def deny_file(self):
        return os.path.join(os.path.dirname(self.policy_file), "denied-keys")

    def policy(self, **parts):
        """This machine's policy from now on: keys=, users=, groups=."""
        self.write(self.policy_file, document(**parts))

    def no_policy(self):
        os.unlink(self.policy_file)

    def fleet(self, kind="project", **parts):
        """The fleet's, in the customdata of the project, device or
        organization."""
        self.fleet_value({"version": 1, **parts}, kind)

    def fleet_value(self, value, kind="project"):
        """The same of any JSON, or NOTHING for customdata without it."""
        data = {"rack": "b12", "tags": ["x"]}
        if value is not NOTHING:
            data["ssh_policy"] = value
        self.portal.do("set_customdata", kind=kind, data=data,
                       ident=self.portal.ids[kind])

    def deny(self, *arguments, code=0):
        result = self.tool("deny", *arguments)
        assert result.returncode == code, result
        return result

    def undeny(self, key, code=0):
        result = self.tool("undeny", key.fingerprint)
        assert result.returncode == code, result

    def explain(self, key, user="root"):
        """packet-keys explain --json, its exit code held against it."""
        result = self.tool("explain", "--json", user, key.fingerprint)
        assert result.returncode in (0, 1), result
        value = json.loads(result.stdout)
        assert value["allowed"] == (result.returncode == 0), result
        return value

    def members_asked(self):
        """How often the portal was asked for a page of them."""
        return len(self.portal.requests(source="members"))
