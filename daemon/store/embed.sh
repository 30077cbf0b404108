#!/bin/sh
# embed.sh FILES.lua: prints a header with each script as bytes.
# A line "-- uses: layout gone" in a script is replaced by these pieces of lua/lib. It stands as late as possible,
# because code before it runs without them.
# A name in capitals with an underscore is a constant of the enums in the headers below. It is replaced by its number,
# so that Redis need not look up names. The compiler checks that each constant has the same number in C.
set -eu
LC_ALL=C # ranges of letters in patterns are those of ASCII
export LC_ALL
dir=$(dirname "$1")
here=$(dirname "$0")
headers="$here/layout.h $here/../../include/store.h $here/../../include/otp/lifecycle.h"

# Prints "NAME NUMBER" for each constant of the enums of the headers.
constants() {
	cat $headers | awk '
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

# Reads a script and prints it with numbers in place of names. Quoted text is not changed. $2 gets "NAME NUMBER" lines.
resolve() {
	awk -v used="$2" -v script="$1" '
	NR == FNR { value[$1] = $2; next }
	{
		line = ""
		n = split($0, piece, "\047")
		for (i = 1; i <= n; i++) {
			rest = piece[i]
			while (i % 2 && match(rest, /[A-Z][A-Z0-9]*_[A-Z0-9_]+/)) {
				name = substr(rest, RSTART, RLENGTH)
				if (!(name in value)) {
					print script ": no constant " name > "/dev/stderr"
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
: > "$work/used"
constants > "$names"
for file in "$@"; do
	name=$(basename "$file" .lua)
	while IFS= read -r line; do
		case $line in
		'-- uses: '*)
			for piece in ${line#-- uses: }; do
				cat "$dir/lib/$piece.lua"
			done
			;;
		*) printf '%s\n' "$line" ;;
		esac
	done < "$file" | sed -e 's/^[[:space:]]*//' -e '/^--/d' -e '/^$/d' > "$work/text"
	resolve "$name" "$work/used.$name" < "$work/text" > "$work/script"
	[ ! -e "$work/used.$name" ] || cat "$work/used.$name" >> "$work/used"
	printf 'static const unsigned char lua_%s[] = {\n' "$name"
	od -An -v -tu1 "$work/script" | sed 's/  *\([0-9][0-9]*\)/\1,/g'
	printf '};\n'
done
sort -u "$work/used" | sed 's/\(.*\) \(.*\)/_Static_assert((int)\1 == \2, "embed.sh reads \1 as \2");/'
