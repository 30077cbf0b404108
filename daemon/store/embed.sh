#!/bin/sh
# embed.sh FILES.lua: prints a header with each script as bytes. A line "-- uses: layout gone" in a script stands for these
# pieces of lua/lib: what comes before it does not pay for them. POSIX tools only.
set -eu
dir=$(dirname "$1")
for file in "$@"; do
	name=$(basename "$file" .lua)
	printf 'static const unsigned char lua_%s[] = {\n' "$name"
	while IFS= read -r line; do
		case $line in
		'-- uses: '*)
			for piece in ${line#-- uses: }; do
				cat "$dir/lib/$piece.lua"
			done
			;;
		*) printf '%s\n' "$line" ;;
		esac
	done < "$file" | sed -e 's/^[[:space:]]*//' -e '/^--/d' -e '/^$/d' | od -An -v -tu1 | sed 's/  *\([0-9][0-9]*\)/\1,/g'
	printf '};\n'
done
