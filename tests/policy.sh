#!/bin/sh
# packet-keys policy check: exit code, and the place that it names.  TAP.
set -u
program=${PACKET_KEYS:-./packet-keys}
n=0
failed=0
file=$(mktemp) || exit 1
trap 'rm -f "$file"' EXIT

# try NAME CODE WORDS DOCUMENT
try() {
	n=$((n + 1))
	printf '%s' "$4" >"$file"
	said=$($program policy check "$file" 2>&1)
	code=$?
	case $code:$said in
	"$2":*"$3"*)
		echo "ok $n - $1"
		;;
	*)
		echo "# exit $code: $said"
		echo "not ok $n - $1"
		failed=1
		;;
	esac
}

echo 1..8
try "a whole document is valid" 0 "valid: 3 rules for accounts, 1 for groups" '{
  "version": 1,
  "keys": {"types": ["ssh-ed25519", "ssh-rsa"], "rsa_min_bits": 3072,
    "max_age": "365d", "require_member": true,
    "deny": ["SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU"]},
  "users": {
    "root": {"sources": ["device", "project"],
      "owners": ["alice@example.com"],
      "options": "from=\"10.0.0.0/8\",no-agent-forwarding"},
    "deploy": {"tags": ["deploy"],
      "options": "restrict,command=\"/usr/bin/deploy\""},
    "*": {"owners": ["%u@example.com"]}},
  "groups": {"wheel": {"roles": ["admin", "owner"]}}
}'
try "an unknown field is named with its place" 1 \
    "line 3, column 14: users.root.onwers: unknown field; did you mean owners?" \
    '{"version": 1,
  "users": {
    "root": {"onwers": ["alice@example.com"]}}}'
try "an unknown option is refused" 1 "did you mean from?" \
    '{"version": 1, "users": {"root": {"options": "fron=\"10.0.0.1\""}}}'
try "another version is refused" 1 "version" '{"version": 2}'
try "a rule that stands twice is refused" 1 "users.root" \
    '{"version": 1, "users": {"root": {"tags": ["a"]}, "root": {}}}'
try "no JSON is no document" 1 "JSON" '{"version": 1'

n=7
if $program policy check "$file.none" >/dev/null 2>&1; [ $? = 1 ]; then
	echo "ok 7 - a file that is not there is an error"
else
	echo "not ok 7 - a file that is not there is an error"
	failed=1
fi
if $program policy check >/dev/null 2>&1; [ $? = 2 ]; then
	echo "ok 8 - no file is wrong usage"
else
	echo "not ok 8 - no file is wrong usage"
	failed=1
fi
exit $failed
