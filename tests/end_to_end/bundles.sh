#!/bin/bash
# artel bundle pack, show and hash: what is packed, that its hash is that of the
# code a task runs, and that no file, whatever it holds, is taken for a bundle.
# shellcheck source=tests/end_to_end/lib.sh
. "$(dirname "$0")/lib.sh"

# refused REGEX ARGUMENT...: exit code 2, one message, no result.
refused() {
  local regex=$1
  shift
  artel 2 "$@"
  expect_result ''
  expect_message "$regex"
  [ "$(grep -c . err)" -eq 1 ] || fail "$last_command said more than one thing"
}

printf '%s\n' '#!/bin/sh' 'cat data.txt - "$@"' > job.sh
chmod +x job.sh
echo packed > data.txt
echo fed > input.txt

echo 'Packing'
artel 0 bundle pack -O job.bundle --file data.txt --stdin input.txt ./job.sh
hash=$(cut -d ' ' -f 1 out)
[[ $hash =~ ^[0-9a-f]{64}$ ]] || fail "'$hash' is no hash"
[ "$(cat out)" = "$hash  $(stat -c %s job.bundle) bytes" ] || fail 'the size'
artel 0 sandbox run -q --bundle job.bundle
expect_result 'packed
fed'
# The same content, the same bytes.
cp job.bundle first.bundle
touch -d '2001-01-01' data.txt
artel 0 bundle pack --force -O job.bundle --stdin input.txt --file data.txt \
  -- job.sh
cmp job.bundle first.bundle || fail 'the same content gave other bytes'
refused "job\\.bundle' exists.*--force" bundle pack -O job.bundle ./job.sh
cmp job.bundle first.bundle || fail 'a bundle was replaced unasked'
artel 0 bundle pack -O arguments.bundle --arg=-a --arg b -- /usr/bin/echo c -d
artel 0 sandbox run -q --bundle arguments.bundle
expect_result '-a b c -d'

echo 'Showing'
artel 0 bundle show job.bundle
grep -q "^hash *$hash$" out || fail 'show tells another hash'
grep -qE '^main +job\.sh$' out || fail 'show does not tell the main program'
grep -qE '^stdin +4 bytes$' out || fail 'show does not tell standard input'
content=$(b2sum -l 256 < data.txt | cut -c 1-64)
grep -qE "^ +data\\.txt +7 bytes +data +$content$" out \
  || fail 'show does not tell a file as it is'
grep -qE '^ +job\.sh +[0-9]+ bytes +executable ' out || fail 'modes'
artel 0 bundle show -o json job.bundle
[ "$(json hash)" = "$hash" ] || fail 'the hash in JSON'
[ "$(json files 0 name)/$(json files 0 bytes)" = data.txt/7 ] || fail 'JSON'
[ "$(json main)/$(json stdin_bytes)" = job.sh/4 ] || fail 'JSON'
artel 0 bundle show arguments.bundle
grep -qE '^arguments +-a b c -d$' out || fail 'arguments'
grep -qE '^main +/usr/bin/echo$' out || fail 'a program of the machine'

echo 'Hashes'
artel 0 bundle hash job.bundle first.bundle
expect_result "$hash  job.bundle
$hash  first.bundle"
printf '%s\n' '[task]' 'type = "map"' '[input]' 'range = "1..2"' 'chunks = 2' \
  '[code]' 'program = "job.sh"' 'files = ["data.txt"]' 'stdin = "fed\n"' \
  > task.toml
artel 0 bundle hash task.toml
expect_result "$hash  task.toml"
artel 0 run task.toml --receipts receipts.jsonl
grep -q "\"code\":\"$hash\"" receipts.jsonl || fail 'receipts name other code'
# Sound ones are told whatever the others are.
artel 2 bundle hash job.bundle missing.bundle first.bundle
[ "$(wc -l < out)" -eq 2 ] || fail 'sound bundles are not told'
expect_message 'missing\.bundle'
printf '%s\n' '[input]' 'range = "1..9"' '[code]' 'kernel = "noop"' \
  > kernel.toml
refused 'kernel noop' bundle hash kernel.toml
printf '%s\n' '[code]' 'program = "missing"' > broken.toml
refused 'broken\.toml.*missing' bundle hash broken.toml

echo 'What can not be packed'
before=$(ls -A)
refused 'nowhere' bundle pack ./job.sh
refused 'nothing to pack' bundle pack -O x.bundle
refused 'missing' bundle pack -O x.bundle ./missing
refused 'missing' bundle pack -O x.bundle --file missing ./job.sh
refused 'chmod' bundle pack -O x.bundle ./data.txt
refused '\.\./' bundle pack -O x.bundle --file ../out ./job.sh
refused 'brace' bundle pack -O x.bundle ./job.sh '{nothing}'
refused 'directory' bundle pack -O "$scratch" ./job.sh
refused 'No such file' bundle pack -O no/where/x.bundle ./job.sh
mkfifo pipe
refused 'regular file' bundle pack -O x.bundle --file pipe ./job.sh
refused 'regular file' bundle pack -O x.bundle --stdin pipe ./job.sh
truncate -s 65M huge
refused '67108864|64 MiB' bundle pack -O x.bundle --file huge ./job.sh
refused 'rootfs' bundle pack -O x.bundle --rootfs missing.tar -- /bin/sh
rm pipe huge
[ "$(ls -A)" = "$before" ] || fail 'a refused bundle left something behind'

echo 'What is no bundle'
# malformed REGEX FILE: told by all that read bundles, with nothing left behind.
malformed() {
  refused "$1" bundle show "$2"
  refused "$1" bundle hash "$2"
  refused "$1" sandbox run --bundle "$2"
}
: > empty.bundle
malformed 'is empty' empty.bundle
size=$(stat -c %s job.bundle)
for length in 1 20 $((size / 2)) $((size - 1)); do
  head -c "$length" job.bundle > cut.bundle
  malformed 'cut\.bundle.*(truncated|expected)' cut.bundle
done
{ cat job.bundle; echo; } > long.bundle
malformed '1 bytes? trail' long.bundle
head -c 300 /dev/urandom > random.bundle
malformed 'random\.bundle' random.bundle
malformed 'expected' job.sh
# A name of a gigabyte that isn't there.
printf '\205\244main\333\100\000\000\000x' > claims.bundle
malformed 'main' claims.bundle
truncate -s 1G sparse.bundle
malformed '64 MiB' sparse.bundle
# Names are exchanged for others of the same length.
renamed() { LC_ALL=C sed "s|data\\.txt|$1|" job.bundle > renamed.bundle; }
renamed ../../tx
malformed "files\\[0\\]\\.name.*'\\.\\.'" renamed.bundle
renamed /etc/abc
malformed 'files\[0\]\.name' renamed.bundle
renamed 'a//b.txt'
malformed 'files\[0\]\.name' renamed.bundle
renamed zata.txt
malformed 'order of bytes' renamed.bundle
cp job.sh job2sh
artel 0 bundle pack -O twins.bundle --file job2sh ./job.sh
LC_ALL=C sed -i 's|job2sh|job.sh|' twins.bundle
malformed 'must come once' twins.bundle
malformed 'directory' "$scratch"
malformed 'missing\.bundle' missing.bundle
mkfifo pipe
malformed 'regular file' pipe
malformed 'regular file' /dev/zero
if [ "$(id -u)" -ne 0 ]; then
  cp job.bundle locked.bundle
  chmod 000 locked.bundle
  malformed 'Permission denied' locked.bundle
fi

echo 'Completion'
artel 0 completion bash
cp out completion
# shellcheck disable=SC2016 # for the other shell
proposed=$(bash -c '. ./completion; COMP_WORDS=(artel bundle ""); COMP_CWORD=2
  _artel; echo "${COMPREPLY[*]}"')
[ "$proposed" = 'pack show hash' ] || fail "bundle is completed by $proposed"
artel 0 help bundle pack
grep -q -- '--rootfs' out || fail 'help bundle pack does not tell --rootfs'
