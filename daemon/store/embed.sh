#!/bin/sh
# embed.sh FOLDER [next]: prints a header with the library of Redis functions as bytes, and its name. next: with the
# versions of the record that the flavour of this name has; see record_version.h.
# The library is the pieces of FOLDER/lib, then a function for each FOLDER/*.lua. Names of functions are global in Redis,
# so the library's name and theirs contain a hash of its text: two versions of the daemon can use one Redis.
# A name in capitals with an underscore is a constant of the enums in the headers below. It is replaced by its number,
# so that Redis need not look up names. The compiler checks that each constant has the same number in C.
set -eu
LC_ALL=C # ranges of letters in patterns are those of ASCII
export LC_ALL
dir=$1
here=$(dirname "$0")
headers="$here/record_version.h $here/layout.h $here/../../include/store.h $here/../../include/otp/lifecycle.h"
pieces="layout fields readable counters gone pause returned send charge moves marking" # each after those that it uses
functions="issue resend verify cancel mark unsent claim release rights reserve redirect freed reverse confirm source"

# Prints "NAME NUMBER" for each constant of the enums of the headers.
constants() {
	cat $headers | awk -v next_release="${2:-}" '
	/^#ifdef OTPGWD_RECORD_NEXT/ { skipped = next_release == ""; choosing = 1; next }
	/^#else/ && choosing { skipped = !skipped; next }
	/^#endif/ && choosing { skipped = choosing = 0; next }
	skipped { next }
	{ text = text $0 "\n" }
	END {
		gsub(/\/\*[^*]*\*+([^\/*][^*]*\*+)*\//, "", text)
		while (match(text, /enum [a-z_]+ \{[^}]*\}/)) {
			body = substr(text, RSTART, RLENGTH - 1)
			text = substr(text, RSTART + RLENGTH)
			sub(/^[^{]*\{/, "", body)
			gsub(/[ \t\n]/, "", body)
			n = split(body, entry, ",")
			next_value = 0
			for (i = 1; i <= n; i++) {
				if (entry[i] == "")
					continue
				given = split(entry[i], part, "=") > 1
				print part[1], given ? part[2] : next_value
				next_value = (given ? part[2] : next_value) + 1
			}
		}
	}'
}

# Reads the library and prints it with numbers in place of names. Quoted text is not changed. $2 gets "NAME NUMBER" lines.
resolve() {
	awk -v used="$2" -v file="$1" '
	NR == FNR { value[$1] = $2; next }
	{
		line = ""
		n = split($0, piece, "\047")
		for (i = 1; i <= n; i++) {
			rest = piece[i]
			while (i % 2 && match(rest, /[A-Z][A-Z0-9]*_[A-Z0-9_]+/)) {
				name = substr(rest, RSTART, RLENGTH)
				if (!(name in value)) {
					print file ": no constant " name > "/dev/stderr"
					exit 1
				}
				print name, value[name] > used
				line = line substr(rest, 1, RSTART - 1) value[name]
				rest = substr(rest, RSTART + RLENGTH)
			}
			line = line rest (i < n ? "\047" : "")
		}
		print line
	}' "$names" -
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
names=$work/names
constants "$@" > "$names"
{
	printf "local name = '@library@'\n"
	for piece in $pieces; do
		cat "$dir/lib/$piece.lua"
	done
	printf 'local commands = {' # that the functions call, for rights.lua
	grep -ohE "(call|try)\('[A-Z]*'" "$dir"/*.lua "$dir"/lib/*.lua | sed "s/.*(\('.*'\)/\1,/" | tr A-Z a-z | sort -u | tr -d '\n'
	printf '}\n'
	for function in $functions; do
		printf 'local function run_%s(KEYS, ARGV)\n' "$function"
		cat "$dir/$function.lua"
		printf 'end\n'
	done
	printf 'local function register(what, run)\n'
	printf "redis.register_function(name .. '_' .. what, function(KEYS, ARGV)\n"
	printf 'if not call then\ntake_globals()\nend\nreturn run(KEYS, ARGV)\nend)\nend\n'
	for function in $functions; do
		printf "register('%s', run_%s)\n" "$function" "$function"
	done
} > "$work/pieces" # not into a pipe, which would hide that a piece is missing
sed -e 's/^[[:space:]]*//' -e '/^--/d' -e '/^$/d' "$work/pieces" > "$work/text"
: > "$work/used"
resolve library "$work/used" < "$work/text" > "$work/library"
name=otpgwd_$(sha256sum "$work/library" | cut -c1-16)
{
	printf '#!lua name=%s\n' "$name"
	sed "s/@library@/$name/" "$work/library"
} > "$work/text"
printf '#define LIBRARY_NAME "%s"\n' "$name"
printf 'static const unsigned char library_text[] = {\n'
od -An -v -tu1 "$work/text" | sed 's/  *\([0-9][0-9]*\)/\1,/g'
printf '};\n'
sort -u "$work/used" | sed 's/\(.*\) \(.*\)/_Static_assert((int)\1 == \2, "embed.sh reads \1 as \2");/'
