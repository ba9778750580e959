#!/bin/sh
# The manual pages: mandoc finds nothing in them, they name the options,
# settings, fields and codes that the code has, no more and no fewer, and the
# policies that they show are valid.  Prints TAP.
set -u
srcdir=${srcdir:-.}
program=${PACKET_KEYS:-./packet-keys}
n=0
failed=0

# result "" or COMPLAINTS, then the name of the test.
result() {
	n=$((n + 1))
	if [ -z "$1" ]; then
		echo "ok $n - $2"
		return
	fi
	echo "$1" | sed 's/^/# /'
	echo "not ok $n - $2"
	failed=1
}

page() {
	sed -e 's|@sysconfdir@|/etc|g' -e 's|@libexecdir@|/usr/libexec|g' \
	    -e 's|@localstatedir@|/var|g' -e 's|@sbindir@|/usr/sbin|g' \
	    -e 's|@runstatedir@|/run|g' "$srcdir/man/$1.in"
}

# Lines that are in one list alone, with words about which.
differ() {
	printf '%s\n' "$2" | sort -u | while read -r word; do
		[ -z "$word" ] || printf '%s\n' "$4" | grep -qxF -- "$word" ||
		    echo "$word: in $1, not in $3"
	done
}

# What other pages are installed, and the date's form, is not ours.
lint() {
	page "$1" | mandoc -Tlint -W style 2>&1 |
	    grep -Ev 'referenced manual not found|mandoc\.db|Mdocdate|missing date|operating system'
	page "$1" | grep -n '@[a-z]*@'
}

# Options that a page names on macro lines that start with $2: the words
# behind each Fl.
page_options() {
	page "$1" | grep "^\.$2" | awk '{
		for (i = 1; i < NF; i++)
			if ($i == "Fl" || $i == ".Fl") print "-" $(i + 1)
	}' | sed 's/\\//g' | sort -u
}

# C sources as one line, strings that follow one another joined, so that it
# doesn't matter how the code is laid out.
flat() {
	(cd "$srcdir" && cat "$@") | tr '\n\t' '  ' |
	    sed -e 's/"  *"//g' -e 's/  */ /g'
	echo
}

# Each text in the flat source that matches the pattern, on a line of its own.
matches() {
	flat "$@" | awk -v pattern="$pattern" '{
		while (match($0, pattern)) {
			print substr($0, RSTART, RLENGTH)
			$0 = substr($0, RSTART + RLENGTH)
		}
	}'
}

# The table of commands.
command_table() {
	flat "$@" | sed -n 's/.*commands\[\] = {\(.*\)/\1/p' | sed 's/};.*//'
}

# Options in the table of commands and in strings with "usage: " or "--help".
usage_options() {
	{
		pattern='"[^"]*(usage: |--help)[^"]*"'
		matches "$@"
		command_table "$@"
	} | sed 's/\\n/ /g' | awk '{
		while (match($0, /(^|[^A-Za-z0-9-])--?[a-z][a-z-]*/)) {
			word = substr($0, RSTART, RLENGTH)
			sub(/^[^-]/, "", word)
			print word
			$0 = substr($0, RSTART + RLENGTH)
		}
	}' | sort -u
}

# Options that getopt knows.
getopt_options() {
	pattern='[{] ?"[a-z-]+", (no|required|optional)_argument'
	matches "$@" | sed 's/^{ *"\([a-z-]*\)".*/--\1/'
	pattern='getopt(_long)?[(] ?argc, argv, "[^"]*"'
	matches "$@" | sed 's/.*"\(.*\)"/\1/' | tr -d '+:\n' |
	    sed 's/./-&\
/g'
}

# options PAGE SOURCE...
options() {
	name=$1
	shift
	in_page=$(page_options "$name" "")
	in_list=$(page_options "$name" "It ")
	in_usage=$(usage_options "$@")
	in_code=$(printf '%s\n' "$in_usage"; getopt_options "$@")
	if [ -z "$in_list" ] || [ -z "$in_usage" ]; then
		echo "no options found in $name or in its program's usage"
	fi
	differ "the code" "$in_code" "the lists of $name" "$in_list"
	differ "$name" "$in_page" "the code" "$in_code"
}

# Words of the table of commands, and those that the page lists.
code_commands() {
	command_table cmd/packet-keys.c | sed 's/{ *"\([a-z-]*\)"/\
@\1\
/g' | sed -n 's/^@//p'
}

page_commands() {
	page packet-keys.8 | awk '/^\.It Cm / { print $3 }'
}

# Codes of refused keys; "ok" and "internal" say nothing about a key.
code_refusals() {
	pattern='[[]PUBKEY_[A-Z0-9_]*[]] = [{] ?"[a-z0-9-]*"'
	matches policy/pubkey_names.c | sed 's/.*"\(.*\)"/\1/' |
	    grep -vx -e ok -e internal
	sed -n 's/.*DECODE_REFUSED_[A-Z]*.*"\([a-z-]*\)".*/\1/p' \
	    "$srcdir/portal/decode.h"
}

page_refusals() {
	page packet-keys.8 | awk '
		/^\.S[hs] / { on = /Reasons for leaving/ }
		on && /^\.It Li / { print $3 }'
}

# both NAME WORDS NAME WORDS
both() {
	[ -n "$2" ] || echo "nothing found in $1"
	differ "$@"
	differ "$3" "$4" "$1" "$2"
}

# "section name", from the table, the page and the example.
code_settings() {
	pattern='[{] ?"[a-z]+", "[a-z-]+", set_'
	matches base/config_value.c |
	    sed 's/{ *"\(.*\)", "\(.*\)", set_/\1 \2/'
}

page_settings() {
	page packet-keys.conf.5 | awk '
		/^\.S[hs] / {
			section = ""
			if (match($0, /\[[a-z]+\]/))
				section = substr($0, RSTART + 1, RLENGTH - 2)
		}
		section != "" && /^\.It Cm [a-z-]+ No = / {
			print section, $3
		}'
}

# "name = default".
page_defaults() {
	page packet-keys.conf.5 | awk '
		/^\.It Cm [a-z-]+ No = / { name = $3 }
		/^Default: empty$/ { print name " =" }
		due { sub(/^\.Ql /, ""); print name " = " $0; due = 0 }
		/^Default:$/ { due = 1 }'
}

example_settings() {
	awk '/^\[/ { section = substr($0, 2, length($0) - 2) }
		/^;?[a-z-]+ *=/ {
			sub(/^;/, "")
			sub(/ *=.*/, "")
			print section, $0
		}' "$srcdir/dist/packet-keys.conf.in"
}

example_defaults() {
	sed -n -e 's|@sysconfdir@|/etc|' -e 's|@localstatedir@|/var|' \
	    -e 's|@runstatedir@|/run|' \
	    -e 's/^;\{0,1\}\([a-z-]*\) *= *\(.*\)$/\1 = \2/p' \
	    "$srcdir/dist/packet-keys.conf.in" | sed 's/ *$//'
}

# "section name" of a policy document, from the tables of fields.
code_fields() {
	pattern='[{] ?"[a-z_]+", (read|doc)_[a-z]+,'
	for section in document keys rule; do
		case $section in
		document) matches policy/document.c ;;
		*) matches "policy/document_$section.c" ;;
		esac | sed "s/{ *\"\(.*\)\".*/$section \1/"
	done
}

page_fields() {
	page packet-keys-policy.5 | awk '
		/^\.S[hs] / { section = "" }
		/^\.Ss The document$/ { section = "document" }
		/^\.Ss keys: / { section = "keys" }
		/^\.Ss Rules: / { section = "rule" }
		section != "" && /^\.It Cm [a-z_]+ : / { print section, $3 }'
}

# The conditions that explain shows.
code_conditions() {
	pattern='[[]JUDGE_[A-Z]+[]] = "[a-z]+"'
	matches cmd/explain_words.c | sed 's/.*"\(.*\)"/\1/'
}

page_conditions() {
	page_fields | sed -n 's/^rule //p' | grep -vx options
}

code_key_options() {
	pattern='[[]OPTION_[A-Z_0-9 +]+[]] = "[A-Za-z0-9-]+"'
	matches policy/options_names.c | sed 's/.*"\(.*\)"/\1/'
}

page_key_options() {
	page packet-keys-policy.5 | awk '
		/^\.S[hs] / { on = $0 == ".Ss Options" }
		on && /^\.It Cm / {
			for (i = 3; i <= NF && $i != "Ns"; i++)
				if ($i != ",") print $i
		}'
}

# The table of how two documents' options are merged names them without the
# no- forms of permissions.
merged_options() {
	code_key_options | grep -vE '^no-(agent|port|pty|user|X11)'
}

page_merged_options() {
	page packet-keys-policy.5 | awk '
		/^\.S[hs] / { on = 0 }
		/^\.It Em option / { on = 1 }
		on && /^\.(It )?Cm / {
			for (i = 2; i <= NF && $i != "Ta"; i++) print $i
		}'
}

code_tags() {
	pattern='is_tag[(]&value, "[a-z]+"'
	matches policy/tags.c | sed 's/.*"\(.*\)"/\1/'
}

page_tags() {
	page packet-keys-policy.5 | awk '
		/^\.S[hs] / { on = $0 == ".Ss Tags of a key" }
		on && /^\.It Cm [a-z]+ : / { print $3 }'
}

code_types() {
	pattern='[[]PUBKEY_[A-Z0-9_]*[]] = "[a-z0-9@.-]*"'
	matches policy/pubkey_names.c | sed 's/.*"\(.*\)"/\1/'
}

page_types() {
	page packet-keys-policy.5 | awk '
		/^\.It Cm / { on = $3 == "types" }
		on && /^\.Li / { print $2 }'
}

# "ok" and "internal" say nothing about a key.
code_reasons() {
	pattern='[[](VERDICT|TAGS|OPTIONS)_[A-Z_]*[]] = [{] ?"[a-z-]+"'
	matches policy/verdict.c policy/tags.c policy/options_merge.c |
	    sed 's/.*"\(.*\)"/\1/' | grep -vx -e ok -e internal
	sed -n 's/.*EXPLAIN_[A-Z_]* "\([a-z-]*\)".*/\1/p' \
	    "$srcdir/cmd/explain.h"
}

page_reasons() {
	page packet-keys-policy.5 | awk '
		/^\.S[hs] / { on = $0 == ".Ss Reason codes" }
		on && /^\.It Li / { print $3 }'
}

# Codes in front of what the program of these sources says to the log.
code_tells() {
	pattern='[[]TELL_[A-Z_]+[]] = "[a-z-]+"'
	matches cmd/tell.c | tr -d ' "' | while IFS='=' read -r name code; do
		name=${name#?}
		(cd "$srcdir" && grep -qwF -e "${name%?}" -- "$@") &&
		    echo "$code"
	done
}

page_tells() {
	page "$1" | awk '
		/^\.S[hs] / { on = $0 == ".Sh DIAGNOSTICS" }
		on && /^\.It Li / { print $3 }'
}

# Each display that is an object, as FOLDER/NUMBER, with the name of its
# section in FOLDER/names; then those of README.md.
page_policies() {
	page packet-keys-policy.5 | sed 's/\\e/\\/g' | awk -v folder="$1" '
		/^\.Ss / { section = substr($0, 5) }
		/^\.Bd / { start = 1; next }
		/^\.Ed/ { file = "" }
		start && /^[{]/ {
			file = folder "/" ++n
			print section >(folder "/names")
		}
		{ start = 0 }
		file != "" { print >file }'
	awk -v folder="$1" '
		/^    [{]/ && file == "" {
			file = folder "/readme" ++n
			print "README.md" >(folder "/names-readme")
		}
		!/^    / { file = "" }
		file != "" { print >file }' "$srcdir/README.md"
	cat "$1/names-readme" >>"$1/names"
}

# check_policies SECTION...: all are valid, and each section has one.
check_policies() {
	folder=$(mktemp -d) || return
	page_policies "$folder"
	for section in "$@"; do
		grep -qxF "$section" "$folder/names" ||
		    echo "$section: shows no policy"
	done
	for file in "$folder"/*[0-9]; do
		{ $program policy check "$file" >/dev/null; } 2>&1
	done
	rm -rf "$folder"
}

pages="packet-authorized-keys.8 packet-keysd.8 packet-keys.8
    packet-keys.conf.5 packet-keys-policy.5"
echo 1..24
for p in $pages; do
	if command -v mandoc >/dev/null; then
		result "$(lint "$p")" "mandoc finds nothing in $p"
	else
		n=$((n + 1))
		echo "ok $n - $p # SKIP no mandoc"
	fi
done
result "$(options packet-authorized-keys.8 cmd/packet-authorized-keys.c)" \
    "options of packet-authorized-keys are those of its page"
result "$(options packet-keysd.8 cmd/packet-keysd.c)" \
    "options of packet-keysd are those of its page"
commands=$(cd "$srcdir" && ls cmd/cmd_*.c)
# The names hold no blanks.
# shellcheck disable=SC2086
result "$(options packet-keys.8 cmd/packet-keys.c cmd/show.c $commands)" \
    "options of packet-keys are those of its page"
result "$(both cmd/packet-keys.c "$(code_commands)" \
    packet-keys.8 "$(page_commands)")" \
    "commands of packet-keys are those of its page"
result "$(both policy/pubkey_names.c "$(code_refusals)" \
    packet-keys.8 "$(page_refusals)")" \
    "codes of refused keys are those of packet-keys(8)"
result "$(both base/config_value.c "$(code_settings)" \
    packet-keys.conf.5 "$(page_settings)")" \
    "settings of the code are those of packet-keys.conf(5)"
result "$(both base/config_value.c "$(code_settings)" \
    dist/packet-keys.conf.in "$(example_settings)")" \
    "settings of the code are those of dist/packet-keys.conf.in"
result "$(both packet-keys.conf.5 "$(page_defaults)" \
    dist/packet-keys.conf.in "$(example_defaults)")" \
    "the defaults of page and example are the same"
result "$(both "policy/document*.c" "$(code_fields)" \
    packet-keys-policy.5 "$(page_fields)")" \
    "fields of a policy are those of packet-keys-policy(5)"
result "$(both cmd/explain_words.c "$(code_conditions)" \
    packet-keys-policy.5 "$(page_conditions)")" \
    "conditions of a rule are those of packet-keys-policy(5)"
result "$(both policy/options_names.c "$(code_key_options)" \
    packet-keys-policy.5 "$(page_key_options)")" \
    "options of a key are those of packet-keys-policy(5)"
result "$(differ policy/options_names.c "$(merged_options)" \
    "the table of packet-keys-policy.5" "$(page_merged_options)")" \
    "packet-keys-policy(5) says how each option is merged"
result "$(both policy/tags.c "$(code_tags)" \
    packet-keys-policy.5 "$(page_tags)")" \
    "tags that narrow are those of packet-keys-policy(5)"
result "$(both policy/pubkey_names.c "$(code_types)" \
    packet-keys-policy.5 "$(page_types)")" \
    "key types are those of packet-keys-policy(5)"
result "$(both "the code" "$(code_reasons)" \
    packet-keys-policy.5 "$(page_reasons)")" \
    "reason codes are those of packet-keys-policy(5)"
fetcher="cmd/answers.c cmd/answers_document.c cmd/audit.c cmd/packet-keysd.c
    cmd/refresh.c cmd/round.c cmd/serve.c cmd/serve_work.c"
lookup="cmd/note.c cmd/packet-authorized-keys.c"
# shellcheck disable=SC2086
result "$(both cmd/tell.c "$(code_tells $lookup)" \
    packet-authorized-keys.8 "$(page_tells packet-authorized-keys.8)")" \
    "codes in the lookup's log are those of packet-authorized-keys(8)"
# shellcheck disable=SC2086
result "$(both cmd/tell.c "$(code_tells $fetcher)" \
    packet-keysd.8 "$(page_tells packet-keysd.8)")" \
    "codes in the fetcher's log are those of packet-keysd(8)"
# shellcheck disable=SC2086
result "$(differ cmd/tell.c "$(code_tells cmd/tell.c)" \
    "lookup and fetcher" "$(code_tells $lookup $fetcher)")" \
    "every code is used"
result "$(check_policies "One team's root" "A login per person" \
    "A fleet with a deploy account" README.md)" \
    "the policies in packet-keys-policy(5) and README.md are valid"
exit $failed
