# shellcheck shell=bash
# A server of our own, with portrait, that leaves nothing behind.  To be
# sourced after needs.sh; the working directory is the project's root.
#
#   open_workshop            a temporary folder $work, removed on exit
#   build [make arguments]   portrait, in a copy of the tree at $work/tree,
#                            installed where only our own servers look
#   start_server [setting=value ...]
#   keep_workshop FILE       leave folder and server; FILE says how to come back
#   reopen_workshop FILE     come back, to close_workshop
#
# PostgreSQL refuses to run as root, so root does all of this as an ordinary
# user, who may not be able to read the tree: hence the copy.  Commands that
# talk to the server go through "as_user".

open_workshop() {
	work=$(mktemp -d "${TMPDIR:-/tmp}/portrait.XXXXXX")
	trap close_workshop EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	chmod 755 "$work"
	# runuser is in sbin, which not every root has in the path
	PATH=$PATH:/usr/sbin:/sbin
	server_user=
	if [ "$(id -u)" = 0 ]; then
		server_user=postgres
		id -u postgres >/dev/null 2>&1 || server_user=nobody
		chown "$server_user" "$work"
		runuser -u "$server_user" -- test -w "$work" ||
			die "$EXIT_CANNOT" "$server_user cannot reach $work: set TMPDIR to a folder that all can"
	fi
	# no variable of the caller's may lead our clients to another server
	unset "${!PG@}"
	export PG_CONFIG=$1 HOME=$work LC_ALL=C.UTF-8 TZ=UTC
	unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES
	PATH=$("$PG_CONFIG" --bindir):$PATH
}

close_workshop() {
	local status=$?

	trap - EXIT
	if [ -f "$work/data/postmaster.pid" ]; then
		as_user pg_ctl -D "$work/data" -m immediate -w stop >/dev/null 2>&1 || true
	fi
	if [ -n "${installed_in_server:-}" ]; then
		make -s -C "$work/tree" --no-print-directory PG_CONFIG="$PG_CONFIG" uninstall >/dev/null || true
	fi
	rm -rf "$work"
	exit "$status"
}

keep_workshop() {
	local name

	for name in work server_user installed_in_server PG_CONFIG; do
		printf '%s=%q\n' "$name" "${!name:-}"
	done >"$1"
	trap - EXIT
}

reopen_workshop() {
	# shellcheck disable=SC1090
	. "$1"
	export PG_CONFIG
	PATH=$("$PG_CONFIG" --bindir):$PATH:/usr/sbin:/sbin
}

# run_in FOLDER COMMAND ..., as the server's user
run_in() (
	cd "$1" || exit
	shift
	if [ -n "$server_user" ]; then
		exec runuser -u "$server_user" -- "$@"
	else
		exec "$@"
	fi
)

# The user may not be allowed where we are, and some programs complain of that
as_user() {
	run_in "$work" "$@"
}

in_tree() {
	run_in "$work/tree" "$@"
}

# What is built stays behind, it may be another server's
copy_tree() {
	mkdir "$1"
	tar -cf - --exclude=./.git --exclude='*.o' --exclude='*.so' --exclude=.deps \
		--exclude=./results --exclude=./tmp_check --exclude=./test/fuzz/found . |
		tar -xf - -C "$1"
	if [ -n "$server_user" ]; then
		chown -R "$server_user" "$1"
		chmod -R u+rwX "$1"
	fi
}

make_in_tree() {
	in_tree make -s --no-print-directory PG_CONFIG="$PG_CONFIG" ${CC:+CC="$CC"} "$@"
}

# Says by its status whether it could; no part of it may rely on set -e
build() {
	say "building for $("$PG_CONFIG" --version)"
	copy_tree "$work/tree" &&
		make_in_tree -j"$(nproc)" "$@" all &&
		install_portrait &&
		extension_settings >"$work/extension.conf"
}

install_portrait() {
	if has_setting extension_destdir || has_setting extension_control_path; then
		make_in_tree DESTDIR="$work/dest" install >/dev/null
	elif [ -z "${PORTRAIT_INSTALL:-}" ]; then
		die "$EXIT_CANNOT" "this server finds extensions in its own directories only." \
			"Set PORTRAIT_INSTALL=1 to let portrait be installed there for as long as this runs"
	elif [ -e "$("$PG_CONFIG" --sharedir)/extension/portrait.control" ]; then
		die "$EXIT_CANNOT" "portrait is installed in $("$PG_CONFIG" --sharedir) and would be overwritten"
	else
		say "installing portrait in the server's own directories, until this is done"
		installed_in_server=1
		make -s -C "$work/tree" --no-print-directory PG_CONFIG="$PG_CONFIG" install >/dev/null
	fi
}

has_setting() {
	# no grep -q: it would end the pipe early, and that counts as a failure
	postgres --describe-config | grep "^$1	" >/dev/null
}

# How a server finds what is below $work/dest: 18 has paths, Debian's earlier
# ones a prefix.  Both look in the usual places as well.
extension_settings() {
	if has_setting extension_control_path; then
		echo "extension_control_path = '$work/dest$("$PG_CONFIG" --sharedir):\$system'"
		echo "dynamic_library_path = '$work/dest$("$PG_CONFIG" --pkglibdir):\$libdir'"
	elif has_setting extension_destdir; then
		echo "extension_destdir = '$work/dest'"
	fi
}

# The settings that matter to clients become their environment
start_server() {
	local setting locale=C

	if locale -a 2>/dev/null | grep -qix 'c\.utf-\?8'; then
		locale=C.UTF-8
	fi
	as_user mkdir "$work/socket"
	as_user chmod 700 "$work/socket"
	as_user initdb -D "$work/data" -U postgres -A trust -E UTF8 --locale="$locale" -N \
		>"$work/initdb.log" 2>&1 || {
		cat "$work/initdb.log" >&2
		die 1 "initdb failed"
	}
	{
		cat "$work/extension.conf"
		echo "listen_addresses = ''"
		echo "unix_socket_directories = '$work/socket'"
		echo "fsync = off"
		for setting in "$@"; do
			echo "$setting"
		done
	} >>"$work/data/postgresql.conf"
	as_user pg_ctl -D "$work/data" -l "$work/server.log" -w start >/dev/null || {
		cat "$work/server.log" >&2
		die 1 "the server does not start"
	}
	export PGHOST=$work/socket PGPORT=5432 PGUSER=postgres PGDATABASE=postgres
}

# Real data beside the project, where the server's user can read it
find_data() {
	unset PORTRAIT_DATA
	if [ -d ../shared/data ]; then
		PORTRAIT_DATA=$(cd ../shared/data && pwd)
		if [ -n "$server_user" ]; then
			cp -r "$PORTRAIT_DATA" "$work/real"
			chmod -R a+rX "$work/real"
			PORTRAIT_DATA=$work/real
		fi
		export PORTRAIT_DATA
	fi
}
