#!/bin/sh
# embed.sh FILES.lua: prints a header with each script as bytes. A script names the pieces of lua/lib it needs in a line
# "-- uses: layout gone"; they come in front of it. POSIX tools only.
set -eu
dir=$(dirname "$1")
for file in "$@"; do
	name=$(basename "$file" .lua)
	pieces=
	for piece in $(sed -n 's/^-- uses: //p' "$file"); do
		pieces="$pieces $dir/lib/$piece.lua"
	done
	printf 'static const unsigned char lua_%s[] = {\n' "$name"
	# shellcheck disable=SC2086
	cat $pieces "$file" | sed -e 's/^[[:space:]]*//' -e '/^--/d' -e '/^$/d' | od -An -v -tu1 | sed 's/  *\([0-9][0-9]*\)/\1,/g'
	printf '};\n'
done
