# SPDX-License-Identifier: ISC
# What tests/demo and .ci/run do first; sourced by both, with $top set to the
# checkout. Works on a Debian with nothing but git: POSIX sh alone.

need_root() {
	[ "$(id -u)" -eq 0 ] && return
	echo "$1 must be run by root, for it starts an sshd that lets root" \
	    "in: sudo $1" >&2
	exit 1
}

# make_work LABEL: sets $work to a new folder that is root's all the way up,
# which sshd insists on. Removed by remove_work.
make_work() {
	work=
	for room in /opt /var/lib /usr/local; do
		[ -d "$room" ] || continue
		[ -z "$(find "$room" / -maxdepth 0 \( ! -user 0 -o -perm /022 \) \
		    2>/dev/null)" ] || continue
		work=$(mktemp -d "$room/packet-keys-$1.XXXXXX") || continue
		chmod 755 "$work"
		return
	done
	echo "none of /opt, /var/lib, /usr/local is root's alone" >&2
	exit 1
}

# At the end, whatever came before.
remove_work() {
	allow_services
	[ -n "$work" ] && rm -rf "$work"
}

# quietly TEXT COMMAND...: TEXT, a dot every other second while the command
# runs, how long it took; its output only if it fails.
quietly() {
	quiet_text=$1
	quiet_log=$work/log
	quiet_start=$(date +%s)
	shift
	printf '%s ' "$quiet_text"
	"$@" >"$quiet_log" 2>&1 </dev/null &
	quiet_pid=$!
	while sleep 0.2 && kill -0 "$quiet_pid" 2>/dev/null; do
		quiet_now=$(($(date +%s) - quiet_start))
		while [ "${quiet_dots:-0}" -lt $((quiet_now / 2)) ]; do
			printf .
			quiet_dots=$((${quiet_dots:-0} + 1))
		done
	done
	quiet_dots=0
	quiet_code=0
	wait "$quiet_pid" || quiet_code=$?
	quiet_pid=
	if [ "$quiet_code" -ne 0 ]; then
		echo " failed"
		tail -n 40 "$quiet_log"
		exit 1
	fi
	echo " $(($(date +%s) - quiet_start)) s"
}

# Ends what quietly has started; for traps.
stop_quiet() {
	[ -z "${quiet_pid:-}" ] || kill "$quiet_pid" 2>/dev/null
}

# missing_packages GROUP...: those of tests/packages that aren't installed.
missing_packages() {
	while read -r package group; do
		case " $* " in
		*" ${group:-} "*) ;;
		*) continue ;;
		esac
		dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null |
		    grep -qx installed || printf '%s ' "$package"
	done <"$top/tests/packages"
}

# An sshd or nginx that is installed now must not start as a service.
forbid_services() {
	[ -e /usr/sbin/policy-rc.d ] && return
	printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
	chmod 755 /usr/sbin/policy-rc.d
	services_forbidden=yes
}

allow_services() {
	[ -z "${services_forbidden:-}" ] || rm -f /usr/sbin/policy-rc.d
	services_forbidden=
}

# install_missing GROUP...: by apt-get, nothing where nothing is missing.
install_missing() {
	if ! command -v apt-get >/dev/null; then
		echo "no apt-get here: tests/packages says what is needed"
		return
	fi
	missing=$(missing_packages "$@")
	if [ -z "$missing" ]; then
		echo "all packages are there"
		return
	fi
	echo "missing: $missing"
	forbid_services
	quietly "asking for package lists" apt-get -q update
	# shellcheck disable=SC2086
	quietly "installing" env DEBIAN_FRONTEND=noninteractive apt-get -q -y \
	    --no-install-recommends install $missing
	allow_services
}

# copy_checkout DIR: the files that git knows or would add, as root's.
copy_checkout() {
	mkdir -p "$1"
	# Git refuses other people's checkouts unless it is told to.
	printf '[safe]\n\tdirectory = *\n' >"$work/.gitconfig"
	(cd "$top" && HOME=$work git ls-files -z -co --exclude-standard |
	    tar -cf - --ignore-failed-read --null -T - 2>"$work/tar.log") |
	    tar -xf - -C "$1" --no-same-owner
	[ -f "$1/configure.ac" ] && return
	cat "$work/tar.log" >&2
	echo "cannot copy $top" >&2
	exit 1
}

# build_into SOURCE PREFIX [CONFIGURE-OPTION...]: builds and installs.
build_into() {
	source=$1
	prefix=$2
	shift 2
	cd "$source" || exit 1
	quietly "making configure" ./autogen.sh
	quietly "running configure" ./configure --prefix="$prefix" \
	    --sysconfdir="$prefix/etc" --localstatedir="$prefix/var" \
	    --libexecdir="$prefix/libexec" "$@"
	quietly "compiling" make -j"$(nproc)"
	quietly "installing in $prefix" make install
}
