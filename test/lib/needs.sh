# shellcheck shell=bash
# Brings what a script needs and the machine lacks.  To be sourced.
#
#   need gcc make server ...
#
# "server" means PostgreSQL with its development files; it sets PG_CONFIG to
# the one that PG_CONFIG named, or else to the newest that is here or can be
# had.  Packages come by apt, as root or through sudo; where that cannot be,
# the script ends with status 77 and says what to install.

readonly OLDEST_MAJOR=15
readonly EXIT_CANNOT=77

say() {
	printf '%s\n' "-- $*" >&2
}

die() {
	local status=$1
	shift
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit "$status"
}

as_root() {
	if [ "$(id -u)" = 0 ]; then
		"$@"
	elif [ -t 0 ]; then
		sudo "$@"
	else
		sudo -n "$@"
	fi
}

can_install() {
	command -v apt-get >/dev/null || return 1
	[ "$(id -u)" = 0 ] || { command -v sudo >/dev/null && as_root true; }
}

apt_update_once() {
	[ -z "${apt_is_updated:-}" ] || return 0
	as_root apt-get -q -q update >&2
	apt_is_updated=1
}

install_packages() {
	can_install ||
		die "$EXIT_CANNOT" "missing here: $*. Install these (Debian's names) and try again."
	say "installing $*"
	apt_update_once
	as_root env DEBIAN_FRONTEND=noninteractive \
		apt-get -q -y --no-install-recommends install "$@" >"${TMPDIR:-/tmp}/portrait-apt.$$" 2>&1 || {
		cat "${TMPDIR:-/tmp}/portrait-apt.$$" >&2
		die "$EXIT_CANNOT" "could not install $*"
	}
	rm -f "${TMPDIR:-/tmp}/portrait-apt.$$"
}

# Debian's package would create a cluster and start it: not this time, and only
# where the server is not yet installed, so that nobody waits for that cluster.
install_server() {
	local major=$1 quiet=/etc/postgresql-common/createcluster.d/portrait-test.conf
	local packages=("postgresql-server-dev-$major")

	if [ ! -x "/usr/lib/postgresql/$major/bin/postgres" ]; then
		packages+=("postgresql-$major")
		can_install || install_packages "${packages[@]}"
		say "postgresql-$major comes without the cluster it would create and start"
		as_root mkdir -p "${quiet%/*}"
		echo 'create_main_cluster = false' | as_root tee "$quiet" >/dev/null
	fi
	install_packages "${packages[@]}"
	as_root rm -f "$quiet"
}

# A pg_config whose server can be built against and started
is_usable_server() {
	local version

	command -v "$1" >/dev/null || return 1
	version=$("$1" --version | sed 's/[^0-9]*\([0-9]*\).*/\1/')
	[ "$version" -ge "$OLDEST_MAJOR" ] &&
		[ -f "$("$1" --pgxs)" ] &&
		[ -f "$("$1" --includedir-server)/postgres.h" ] &&
		[ -x "$("$1" --bindir)/initdb" ]
}

# PG_CONFIG, if its server will do; without it, the newest that is here
find_server() {
	local candidate

	if [ -n "${PG_CONFIG:-}" ]; then
		is_usable_server "$PG_CONFIG"
		return
	fi
	for candidate in pg_config $(printf '%s\n' /usr/lib/postgresql/*/bin/pg_config | sort -rV); do
		if is_usable_server "$candidate"; then
			PG_CONFIG=$(command -v "$candidate")
			return
		fi
	done
	return 1
}

# The major that is to be installed
major_wanted() {
	local major

	if [ -n "${PG_CONFIG:-}" ]; then
		major=$(sed -n 's,^/usr/lib/postgresql/\([0-9]*\)/bin/pg_config$,\1,p' <<<"$PG_CONFIG")
		[ -n "$major" ] ||
			die "$EXIT_CANNOT" "$PG_CONFIG: no server of $OLDEST_MAJOR or later with development files there"
	else
		# apt may be missing, or know of no packages
		major=$({ apt-cache search --names-only '^postgresql-server-dev-[0-9]+$' 2>/dev/null || true; } |
			sed 's/^postgresql-server-dev-\([0-9]*\).*/\1/' | sort -n | tail -n 1)
		[ "${major:=$OLDEST_MAJOR}" -ge "$OLDEST_MAJOR" ] ||
			die "$EXIT_CANNOT" "no package of PostgreSQL $OLDEST_MAJOR or later to be had here"
	fi
	echo "$major"
}

need_server() {
	local major

	find_server && return
	if can_install; then
		apt_update_once
	fi
	major=$(major_wanted)
	PG_CONFIG=/usr/lib/postgresql/$major/bin/pg_config
	install_server "$major"
	is_usable_server "$PG_CONFIG" || die "$EXIT_CANNOT" "$PG_CONFIG is still not usable"
}

# The sanitizers' and the fuzzer's libraries are packages of their own
clang_is_whole() {
	command -v clang >/dev/null &&
		[ -f "$(clang -print-file-name="libclang_rt.fuzzer-$(uname -m).a")" ]
}

need() {
	local thing major packages=()

	for thing in "$@"; do
		case $thing in
			server) ;;
			compiler)
				{ command -v gcc >/dev/null && [ -e /usr/include/stdio.h ]; } || packages+=(gcc libc6-dev)
				;;
			clang) clang_is_whole || packages+=(clang libclang-rt-dev libc6-dev) ;;
			ipc-run) perl -MIPC::Run -MTest::More -e 1 2>/dev/null || packages+=(perl libipc-run-perl) ;;
			simde)
				[ "$(uname -m)" != x86_64 ] || [ -e /usr/include/simde/x86/avx512.h ] ||
					grep -q avx512_vpopcntdq /proc/cpuinfo || packages+=(libsimde-dev)
				;;
			xz) command -v xz >/dev/null || packages+=(xz-utils) ;;
			*) command -v "$thing" >/dev/null || packages+=("$thing") ;;
		esac
	done
	# who cannot install wants to hear of all that is missing at once
	case " $* " in
		*' server '*)
			if [ ${#packages[@]} != 0 ] && ! can_install && ! find_server; then
				major=$(major_wanted)
				packages+=("postgresql-$major" "postgresql-server-dev-$major")
			fi
			;;
	esac
	[ ${#packages[@]} = 0 ] || install_packages "${packages[@]}"
	case " $* " in
		*' server '*)
			need_server
			export PG_CONFIG
			;;
	esac
}
