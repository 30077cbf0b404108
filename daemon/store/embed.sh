#!/bin/sh
# embed.sh FILES.lua: prints a header with each script as bytes, the prelude in front of it. POSIX tools only.
set -eu
dir=$(dirname "$1")
names=
for file in "$@"; do
	name=$(basename "$file" .lua)
	[ "$name" = prelude ] && continue
	names="$names $name"
	printf 'static const unsigned char lua_%s[] = {\n' "$name"
	cat "$dir/prelude.lua" "$file" | od -An -v -tu1 | sed 's/  *\([0-9][0-9]*\)/\1,/g'
	printf '};\n'
done
