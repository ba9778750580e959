#!/bin/sh
# The program that sshd calls must not need more than libc, libcdb and
# libinih: a test on its NEEDED entries.  Prints TAP.
set -u
program=${1:-./packet-authorized-keys}
echo 1..1
if ! needed=$(objdump -p "$program" | awk '$1 == "NEEDED" { print $2 }') ||
    [ -z "$needed" ]; then
	echo "not ok 1 - $program can be read"
	exit 1
fi
if echo "$needed" | grep -q '^libasan'; then
	echo "ok 1 - $program # SKIP a sanitizer build needs more"
	exit 0
fi
extra=$(echo "$needed" | grep -Ev '^(libc|libcdb|libinih)\.so\.[0-9]+$')
if [ -n "$extra" ]; then
	echo "# also needs:" $extra
	echo "not ok 1 - $program needs libc, libcdb and libinih alone"
	exit 1
fi
echo "ok 1 - $program needs libc, libcdb and libinih alone"
