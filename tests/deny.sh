#!/bin/sh
# packet-keys deny, undeny and deny --krl: the list, its edits and the KRL that
# is made of it.  TAP.
set -u
program=${PACKET_KEYS:-$PWD/packet-keys}
n=0
failed=0
umask 022
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
mkdir "$dir/etc" "$dir/krl" || exit 1
list=$dir/etc/denied-keys
krl=$dir/krl/revoked
printf '[policy]\nfile = %s/etc/policy.json\n' "$dir" >"$dir/conf"
have_keygen=yes
command -v ssh-keygen >/dev/null || have_keygen=

# What 32 bytes could make; $1 is a number.
fingerprint() {
	printf 'SHA256:%042dA' "$1"
}

one=$(fingerprint 1)
two=$(fingerprint 2)
three=$(fingerprint 3)
today=$(date -u +%Y-%m-%d)

# keys COMMAND...: runs it; the output is in $said, the exit code in $code.
keys() {
	said=$($program -c "$dir/conf" "$@" 2>&1)
	code=$?
}

# says CODE WORDS: that, and those words, came of the last command.
says() {
	case $code:$said in
	"$1":*"$2"*) return 0 ;;
	esac
	return 1
}

# result NAME: whether the command before it succeeded.
result() {
	if [ $? -eq 0 ]; then
		outcome=ok
	else
		printf 'exit %s: %s\n' "${code-}" "${said-}" | sed 's/^/# /'
		outcome="not ok"
		failed=1
	fi
	n=$((n + 1))
	echo "$outcome $n - $1"
}

# skipped NAME...: true, with a line for each, where there is no ssh-keygen.
skipped() {
	[ -z "$have_keygen" ] || return 1
	for name; do
		n=$((n + 1))
		echo "ok $n - $name # SKIP no ssh-keygen"
	done
}

# Nothing but the list and its lock in the folder.
tidy() {
	[ "$(ls -A "$dir/etc")" = "denied-keys
denied-keys.lock" ]
}

mode() {
	# Names that hold no blanks.
	# shellcheck disable=SC2012
	ls -l "$1" | cut -c1-10
}

# make_key NAME: a key pair of its own, and $key_fp.
make_key() {
	ssh-keygen -q -t ed25519 -N '' -C "$1" -f "$dir/$1" </dev/null &&
	    key_fp=$(ssh-keygen -l -f "$dir/$1.pub" | cut -d' ' -f2)
}

edits() {
	keys deny
	says 0 "no key is denied" && [ ! -e "$list" ]
	result "no file is an empty list"

	(umask 077 && $program -c "$dir/conf" deny "$one") >/dev/null &&
	    [ "$(cat "$list")" = "$one $today" ] && tidy &&
	    [ "$(mode "$list")" = "-rw-r--r--" ]
	result "a fingerprint is denied, in a file that the lookup can read"

	keys deny --reason "lost laptop" "$two="
	says 0 "$two: denied" && [ "$(cat "$list")" = "$one $today
$two $today lost laptop" ]
	result "with the base64 padding, and a reason"

	before=$(ls -li "$list")
	keys deny "$two" --reason other
	says 0 "denied already" && [ "$(ls -li "$list")" = "$before" ]
	result "a key that is denied already leaves the file alone"

	keys deny "$three" --reason "$(printf 'a\n%s b\tc\033[31m\r' \
	    "$(fingerprint 9)")"
	says 0 "$three: denied" && [ "$(tail -n 1 "$list")" = \
	    "$three $today a?$(fingerprint 9) b?c?[31m?" ] &&
	    [ "$(wc -l <"$list")" -eq 3 ]
	result "a reason can neither add a line nor move a cursor"

	keys deny
	says 0 "$two $today lost laptop" && [ "$said" = "$(cat "$list")" ]
	result "the list is printed"
	keys deny --json
	says 0 "\"note\": \"$today lost laptop\"" &&
	    says 0 "\"fingerprint\": \"$two\""
	result "and as JSON"

	keys undeny "$two"
	says 0 "$two: is no longer denied" && ! grep -q "^$two" "$list" &&
	    [ "$(wc -l <"$list")" -eq 2 ] && tidy
	result "undeny takes an entry off"
	before=$(ls -li "$list")
	keys undeny "$two"
	says 1 "$two: is not in the list" &&
	    [ "$(ls -li "$list")" = "$before" ]
	result "undeny of what is not there is 1 and leaves the file alone"
}

keeps() {
	top="# by hand\r\n\r\n  \t$one\tTab \377 note \r\nSHA256:short line\n"
	end="#$two\n \n\303\244 SHA256:x\n$three"
	# The variables hold escapes that printf is to see.
	# shellcheck disable=SC2059
	printf "$top$end" >"$list"
	keys deny "$two"
	# shellcheck disable=SC2059
	says 0 "$two: denied" &&
	    printf "$top$end\n$two $today\n" | cmp -s - "$list"
	result "deny keeps all that is there, byte for byte"
	says 0 "denied-keys:4: denies nothing" && says 0 "denied-keys:7: "
	result "and warns of lines that deny nothing"

	# shellcheck disable=SC2059
	printf "$top\t$two\r\n$end\n$two\n$two x\r\n$one" >"$list"
	keys undeny "$two"
	# shellcheck disable=SC2059
	says 0 "no longer denied" && printf "$top$end\n$one" | cmp -s - "$list"
	result "undeny removes all entries of the key, and nothing else"

	keys deny
	says 1 "denied-keys:4: denies nothing" && says 1 "$three"
	result "the list with bad lines is printed, and is 1"
}

at_once() {
	rm -f "$list"
	i=100
	pids=
	while [ $i -lt 120 ]; do
		$program -c "$dir/conf" deny "$(fingerprint $i)" \
		    >"$dir/out.$i" 2>&1 &
		pids="$pids $!"
		i=$((i + 1))
	done
	all=yes
	for pid in $pids; do
		wait "$pid" || all=no
	done
	said=$(cat "$dir"/out.*)
	code=$all
	[ $all = yes ] && [ "$(sort -u "$list" | wc -l)" -eq 20 ] &&
	    [ "$(wc -l <"$list")" -eq 20 ] && tidy
	result "of 20 that deny at once, each one's entry is there"
}

refusals() {
	printf '%s\n' "$one" >"$list"
	chmod 664 "$list"
	keys deny "$two"
	says 1 "chmod go-w $list" && [ "$(cat "$list")" = "$one" ]
	result "a list that others may write to is refused, with its mend"
	keys deny
	says 1 "chmod go-w $list"
	result "nor is it printed"
	keys deny --krl "$krl"
	says 1 "chmod go-w $list" && [ ! -e "$krl" ]
	result "nor is a KRL made of it"
	chmod 644 "$list"

	chmod 777 "$dir/etc"
	keys undeny "$one"
	says 1 "chmod go-w" && [ "$(cat "$list")" = "$one" ]
	result "the same for the folder"
	chmod 755 "$dir/etc"

	chmod 644 "$list.lock"
	keys undeny "$one"
	says 1 "denied-keys.lock must be" && [ "$(cat "$list")" = "$one" ]
	result "a lock that others could hold is refused"
	chmod 600 "$list.lock"

	# Where nothing can be written; the signal of it is turned off.
	said=$(trap '' XFSZ && ulimit -f 0 &&
	    $program -c "$dir/conf" deny "$two" 2>&1)
	code=$?
	says 1 "$list" && [ "$(cat "$list")" = "$one" ] && tidy
	result "an edit that can't be written leaves the old list, and no more"

	mv "$list" "$dir/elsewhere"
	ln -s ../elsewhere "$list"
	keys deny "$two"
	says 0 "$two: denied" && [ -L "$list" ] &&
	    [ "$(cat "$dir/elsewhere")" = "$one
$two $today" ]
	result "a link stays one, and the file behind it is edited"
	rm -f "$list" "$dir/elsewhere"*
	ln -s nowhere "$list"
	keys deny "$two"
	says 1 "link to nowhere" && [ -L "$list" ]
	result "a link to nowhere is no empty list"
	rm -f "$list"

	if [ "$(id -u)" -ne 0 ]; then
		n=$((n + 1))
		echo "ok $n - somebody's folder is refused # SKIP not root"
		return
	fi
	chown 47321 "$dir/etc"
	keys deny "$one"
	says 1 "chown root" && [ ! -e "$list" ]
	result "somebody's folder is refused"
	chown 0 "$dir/etc"
}

usages() {
	keys deny MD5:16:27:ac:a5:76:28:2d:36:63:1b:56:4d:eb:df:a6:48
	says 2 "give the SHA256 one"
	result "an MD5 fingerprint is refused"
	all=
	for bad in "${one}A" "SHA256:AAAA" "${one%A}B" "$one=="
	do
		keys deny "$bad"
		says 2 "no fingerprint" || all="$all $bad"
	done
	[ -z "$all" ]
	result "what is no fingerprint is refused"
	all=
	for bad in "--reason x" "--json $one" "--krl f $one" "--krl f --json" \
	    "$one $two" "--bad"; do
		# Words of their own.
		# shellcheck disable=SC2086
		keys deny $bad
		says 2 "usage: " || all="$all $bad,"
	done
	[ -z "$all" ] && [ ! -e "$list" ]
	result "deny does one thing at a time"
	keys undeny
	says 2 "usage: " && keys undeny "$one" "$two" && says 2 "usage: "
	result "undeny wants one key"
}

key_files() {
	skipped "a public key file is denied, with its comment" \
	    "a reason stands in for the comment" \
	    "an RFC 4716 file, and undeny by file" \
	    "a private key is refused" "two keys in a file are refused" \
	    "a certificate is refused" "an empty or missing file is refused" &&
	    return
	make_key alpha
	alpha=$key_fp
	keys deny "$dir/alpha.pub"
	says 0 "$alpha: denied" && [ "$(cat "$list")" = "$alpha $today alpha" ]
	result "a public key file is denied, with its comment"
	keys undeny "$alpha"
	keys deny "$dir/alpha.pub" --reason gone
	[ "$(cat "$list")" = "$alpha $today gone" ]
	result "a reason stands in for the comment"
	ssh-keygen -e -f "$dir/alpha.pub" >"$dir/alpha.rfc"
	keys undeny "$dir/alpha.rfc"
	says 0 "$alpha: is no longer denied" && [ ! -s "$list" ]
	result "an RFC 4716 file, and undeny by file"

	keys deny "$dir/alpha"
	says 2 "holds a private key"
	result "a private key is refused"
	make_key beta
	cat "$dir/alpha.pub" "$dir/beta.pub" >"$dir/both"
	keys deny "$dir/both"
	says 2 "one key alone"
	result "two keys in a file are refused"
	ssh-keygen -q -s "$dir/beta" -I x -n root "$dir/alpha.pub"
	keys deny "$dir/alpha-cert.pub"
	says 2 "is a certificate"
	result "a certificate is refused"
	: >"$dir/empty"
	keys deny "$dir/empty"
	says 2 "no key text" && keys deny "$dir/none" && says 2 "No such file" &&
	    [ ! -s "$list" ]
	result "an empty or missing file is refused"
}

# whole_krl: the last KRL is there as it was, alone in its folder.
whole_krl() {
	cmp -s "$krl" "$dir/old" && [ "$(ls -A "$dir/krl")" = revoked ]
}

krls() {
	skipped "an empty list is an empty KRL" "which revokes nothing" \
	    "the KRL revokes what is denied" "and nothing else" \
	    "the next KRL has no more than the list" \
	    "bad lines are 1, but the KRL is made" \
	    "a text file is not written over" \
	    "a KRL of somebody else is not written over" \
	    "nor one of ours that somebody has added to" \
	    "nor what is no file" \
	    "where nothing can be written the old KRL stays" \
	    "a folder that others may write to is refused" \
	    "a folder that is not there is an error" \
	    "a file name may look like an option" && return
	rm -f "$list"
	(umask 077 && $program -c "$dir/conf" deny --krl "$krl") &&
	    [ "$(mode "$krl")" = "-rw-r--r--" ] && [ -s "$krl" ] &&
	    [ "$(ls -A "$dir/krl")" = revoked ]
	result "an empty list is an empty KRL"
	said=$(ssh-keygen -Q -f "$krl" "$dir/alpha.pub" "$dir/beta.pub")
	code=$?
	says 0 "ok"
	result "which revokes nothing"

	keys deny "$dir/alpha.pub"
	keys deny "$one"
	printf '%s again\n' "$alpha" >>"$list"
	keys deny --krl "$krl"
	says 0 "" && ! said=$(ssh-keygen -Q -f "$krl" "$dir/alpha.pub" 2>&1) &&
	    says 0 "REVOKED"
	result "the KRL revokes what is denied"
	said=$(ssh-keygen -Q -f "$krl" "$dir/beta.pub")
	code=$?
	says 0 "ok"
	result "and nothing else"
	keys undeny "$dir/alpha.pub"
	keys deny --krl "$krl"
	says 0 "" && ssh-keygen -Q -f "$krl" "$dir/alpha.pub" >/dev/null
	result "the next KRL has no more than the list"

	echo "SHA256:short" >>"$list"
	keys deny "$dir/beta.pub"
	keys deny --krl "$krl"
	says 1 "denied-keys:2: denies nothing" &&
	    ! ssh-keygen -Q -f "$krl" "$dir/beta.pub" >/dev/null
	result "bad lines are 1, but the KRL is made"
	printf '%s\n' "$one" >"$list"

	cp "$dir/alpha.pub" "$krl"
	keys deny --krl "$krl"
	says 1 "is no KRL" && cmp -s "$krl" "$dir/alpha.pub"
	result "a text file is not written over"
	ssh-keygen -q -k -f "$dir/old" "$dir/beta.pub"
	cp "$dir/old" "$krl"
	keys deny --krl "$krl"
	says 1 "has not made" && whole_krl
	result "a KRL of somebody else is not written over"
	rm -f "$krl"
	keys deny --krl "$krl"
	ssh-keygen -q -k -u -f "$krl" "$dir/beta.pub"
	cp "$krl" "$dir/old"
	keys deny --krl "$krl"
	says 1 "has not made" && whole_krl
	result "nor one of ours that somebody has added to"
	rm -f "$krl"
	mkfifo "$krl"
	keys deny --krl "$krl"
	says 1 "not a regular file" && [ -p "$krl" ] &&
	    keys deny --krl "$dir/krl/" && says 1 "not a regular file" &&
	    [ -d "$dir/krl" ]
	result "nor what is no file"

	rm -f "$krl"
	keys deny --krl "$krl"
	cp "$krl" "$dir/old"
	keys deny "$dir/alpha.pub"
	said=$(trap '' XFSZ && ulimit -f 0 &&
	    $program -c "$dir/conf" deny --krl "$krl" 2>&1)
	code=$?
	says 1 "" && whole_krl
	result "where nothing can be written the old KRL stays"
	chmod 777 "$dir/krl"
	keys deny --krl "$krl"
	says 1 "chmod go-w" && whole_krl
	result "a folder that others may write to is refused"
	chmod 755 "$dir/krl"
	keys deny --krl "$dir/none/revoked"
	says 1 "$dir/none" && whole_krl
	result "a folder that is not there is an error"
	(cd "$dir/krl" && $program -c "$dir/conf" deny --krl -k) &&
	    [ -s "$dir/krl/-k" ] && ssh-keygen -Q -f "$dir/krl/-k" \
	    "$dir/beta.pub" >/dev/null
	result "a file name may look like an option"
}

echo 1..48
edits
keeps
at_once
refusals
usages
key_files
krls
[ $n -eq 48 ] || failed=1
exit $failed
