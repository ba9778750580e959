#!/bin/sh
# SPDX-License-Identifier: ISC
# The systemd units say what program, configuration and tmpfiles say, and
# systemd takes them.  Prints TAP.
set -u
service=dist/packet-keysd.service
socket=dist/packet-keysd.socket
failed=0
number=0

tell() { # RESULT TEXT
	number=$((number + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $number - $2"
	else
		echo "not ok $number - $2"
		failed=1
	fi
}

value() { # FILE NAME: the setting's one value
	sed -n "s|^$2=||p" "$1"
}

# The defaults stand in the file that is installed as an example.
default() {
	sed -n "s|^;$1 *= *||p" dist/packet-keys.conf
}

echo 1..6
path=$(value "$socket" ListenStream)
[ -n "$path" ] && [ "$path" = "$(default socket)" ]
tell $? "the socket unit listens where logins look"
grep -q '^d @runstatedir@/packet-keys 2755 packet-keys packet-keys-lookup' \
    "${srcdir:-.}/dist/tmpfiles.conf.in" && [ "${path##*/}" = fetch.sock ]
tell $? "the socket's folder is made for who has no systemd socket"
[ "$(value "$socket" SocketMode)" = 0660 ]
tell $? "the socket is for its owner and group alone"
[ "$(value "$service" ReadWritePaths)" = "$(default directory)" ]
tell $? "the service may write the cache folder and nothing else"
program=$(value "$service" ExecStart)
[ "${program##*/}" = packet-keysd ] &&
    [ "$(value "$service" User)" = packet-keys ]
tell $? "the service runs packet-keysd as packet-keys"

# systemd wants the program to be there, whatever the prefix is.
if ! command -v systemd-analyze >/dev/null 2>&1; then
	echo "ok 6 - systemd takes both units # SKIP no systemd-analyze"
	exit $failed
fi
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cp "$socket" "$work"
sed 's|^ExecStart=.*|ExecStart=/bin/true|; s|man:[^ ]*||g' "$service" \
    >"$work/packet-keysd.service"
sed -i 's|man:[^ ]*||g' "$work/packet-keysd.socket"
said=$(systemd-analyze verify --man=no "$work/packet-keysd.socket" \
    "$work/packet-keysd.service" 2>&1 | grep packet-keysd)
[ -z "$said" ]
tell $? "systemd takes both units"
[ -z "$said" ] || echo "$said" | sed 's/^/# /'
exit $failed
