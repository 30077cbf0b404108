#!/bin/sh
# What the unit tests ran of the files that judge input, ids, limits and records: all lines, and 95 of 100 branches, or it
# fails. usage: coverage.sh BUILD, from the root of the tree, after the unit tests of that build.
build=$1
status=0
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

for f in api/proto smpp/codec/decode otp/msisdn otp/plan otp/typo otp/ident otp/code otp/text store/record store/address store/script store/cluster_slots \
	store/reply_bounds otp/policy base/listener; do
	# It writes where it stands.
	(root=$PWD && cd "$out" && gcov -b -s "$root" -o "$root/$build/daemon/$f.gcno" "$root/daemon/$f.c") > "$out/report" 2>/dev/null
	figures=$(awk -v file="daemon/$f.c'" '
		/^File / { here = substr($0, length($0) - length(file) + 1) == file }
		here && /^Lines executed/ { split($2, l, "[:%]"); lines = l[2] }
		here && /^Taken at least once/ { split($4, b, "[:%]"); branches = b[2] }
		END { print (lines == "" ? 0 : lines), (branches == "" ? 100 : branches) }' "$out/report")
	verdict=$(echo "$figures" | awk '{ print ($1 >= 100 && $2 >= 95) ? "" : "  below 100 / 95" }')
	printf '%-24s lines %6s %%  branches %6s %%%s\n' "$f" $figures "$verdict"
	test -z "$verdict" || status=1
done
exit $status
