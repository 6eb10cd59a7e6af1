#!/bin/sh
# Builds CAF's core and its brokers for the thread sanitizer, once, and prints where it lies:
# a prefix for -DCAF_ROOT. Debian's library isn't instrumented, so the sanitizer
# can't see its locks and reports races that aren't there; suppressing all of
# caf:: would hide the real ones.
#
# The source is the one of the installed libcaf-dev, fetched and verified by apt
# with state of its own, so that the machine's apt configuration stays as it is.
# Needs: apt-get, cmake, ninja, g++. Usage: instrumented_caf.sh
set -eu

say() { printf 'instrumented_caf: %s\n' "$*" >&2; }

version=$(dpkg-query -W -f '${source:Version}' libcaf-dev 2> /dev/null) || {
  say "libcaf-dev is not installed; run tools/dev packages"
  exit 1
}
compiler=$(${CXX:-g++} -dumpfullversion)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/artel
# Another compiler brings another sanitizer runtime.
prefix=$cache/caf-tsan-io-$version-g++-$compiler
if [ -f "$prefix/lib/libcaf_io_static.a" ]; then
  echo "$prefix"
  exit 0
fi

mkdir -p "$cache"
work=$(mktemp -d "$cache/caf-tsan-build.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP

# Where the binary package came from, there the source is too.
archive=$(apt-cache policy libcaf-dev \
  | sed -n 's/^ *-\{0,1\}[0-9]\{1,\} \(https\{0,1\}:[^ ]*\) \([^/ ]*\)\/.*/\1 \2/p' \
  | head -n 1)
[ -n "$archive" ] || archive="http://deb.debian.org/debian bookworm"
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
if [ -f "$keyring" ]; then signed="[signed-by=$keyring] "; else signed=; fi
echo "deb-src $signed$archive main" > "$work/sources.list"
mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/source"

fetch() {
  apt-get -q \
    -o Dir::Etc::sourcelist="$work/sources.list" \
    -o Dir::Etc::sourceparts=/dev/null \
    -o Dir::State::lists="$work/lists" \
    -o Dir::Cache="$work/cache" \
    -o APT::Sandbox::User="$(id -un)" \
    -o Acquire::Retries=3 "$@" >&2
}

say "fetching the source of actor-framework $version from $archive"
fetch update
(cd "$work" && fetch source --tar-only --only-source "actor-framework=$version")
tar -xf "$work"/actor-framework_*.orig.tar.* -C "$work/source" \
  --strip-components=1

say "building it with -fsanitize=thread (about three minutes, once)"
# <limits>: a header of its brokers uses it and leaves it to others to include.
build() {
  cmake -S "$work/source" -B "$work/build" -G Ninja \
    -DCMAKE_BUILD_TYPE=RelWithDebInfo \
    -DCMAKE_INSTALL_PREFIX="$work/prefix" \
    -DCMAKE_INSTALL_LIBDIR=lib \
    -DCMAKE_CXX_FLAGS="-fsanitize=thread -fno-omit-frame-pointer -w -include limits" \
    -DCAF_BUILD_STATIC_ONLY=ON -DCAF_NO_SUMMARY=ON \
    -DCAF_NO_OPENSSL=ON -DCAF_NO_OPENCL=ON -DCAF_NO_PYTHON=ON \
    -DCAF_NO_TOOLS=ON -DCAF_NO_EXAMPLES=ON -DCAF_NO_UNIT_TESTS=ON &&
    cmake --build "$work/build" --parallel "${ARTEL_JOBS:-$(nproc)}" &&
    cmake --install "$work/build"
}
build > "$work/log" 2>&1 || {
  tail -n 50 "$work/log" >&2
  say "the build failed; see above"
  exit 1
}
for library in core io; do
  [ -f "$work/prefix/lib/libcaf_${library}_static.a" ] || {
    say "the build left no libcaf_${library}_static.a in $work/prefix/lib"
    exit 1
  }
done
# A rename, so that an interrupted build never looks like a finished one.
rm -rf "$prefix"
mv "$work/prefix" "$prefix"
echo "$prefix"
