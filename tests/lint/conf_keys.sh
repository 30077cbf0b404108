#!/bin/sh
# Holds the table of keys (daemon/conf/keys.c) against the sample and otpgwd.conf(5), both ways: every key stands in
# each of the three, what is shown as its default is its default, and the page says which need a restart.
# Exit status 1 if anything differs.
set -eu
cd "$(dirname "$0")/../.."
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# The rows, one per line: a row that is too long goes on in the next.
awk '/^\t\{ "/ { row = $0; while (row !~ /\},$/ && (getline more) > 0) { sub(/^[ \t]+/, " ", more); row = row more } print row }' \
	daemon/conf/keys.c > "$dir/rows"
# path, default ("-": none to compare, of required keys and groups), "restart" where a change needs one
sed -n 's/^\t{ "\([^"]*\)", CONF_\([A-Z]*\), .*, \(NULL\|"[^"]*"\), CONF_\([A-Z]*\), "[^"]*", [A-Z_]*\(([^()]*)\)\{0,1\} },$/\1\t\2\t\3\t\4/p' \
	"$dir/rows" | awk -F '\t' '
	{ gsub(/"/, "", $3); gsub(/, /, ",", $3) }
	$1 == "purposes.ttl_max_s" { $3 = "hard_s" }
	$1 == "smsc.tag" || $1 == "purposes.tag" { $3 = "made from the name" }
	$3 == "NULL" || $2 ~ /^GROUPS?$/ { $3 = "-" }
	{ print $1 "\t" $3 "\t" ($4 == "FIXED" && $2 !~ /^GROUPS?$/ ? "restart" : "-") }' | sort > "$dir/table"
cut -f 1 "$dir/table" > "$dir/table.paths"
rows=$(grep -c ', CONF_\(FIXED\|RELOAD\), "' daemon/conf/keys.c)
if [ "$rows" -ne "$(wc -l < "$dir/table")" ]; then
	echo "conf_keys: some rows of the table are not written in its order of columns" >&2
	exit 1
fi

awk '
/^\.It Cm / { path = $3; next }
/; (required|optional|default: )/ && path {
	fact = $0
	given = sub(/^.*; default: /, "", fact)
	change = sub(/; needs a restart\.$/, "", fact) ? "restart" : "-"
	sub(/\.$/, "", fact)
	gsub(/, /, ",", fact)
	if (fact == "empty") fact = ""
	if (!given) fact = "-"
	print path "\t" fact "\t" change
	path = ""
}' man/otpgwd.conf.5 | sort > "$dir/man"

# The sample: commented keys are taken as written; a commented key shows its default, the others a value of the sample, and
# so does the commented country, which is an example.
awk '
function push(name) { stack[++depth] = name }
function where(name,   i, path) {
	path = ""
	for (i = 1; i <= depth; i++)
		if (stack[i] != "") path = path stack[i] "."
	return path name
}
function value(text) { gsub(/[" \[\]]/, "", text); return text }
{
	shown = 0
	if ($0 ~ /^[ \t]*# *[a-z_]+( =|: \{)/) { sub(/# */, ""); shown = 1 }
	while ($0 != "") {
		if (match($0, /^[ \t,;]+/)) { $0 = substr($0, RLENGTH + 1); continue }
		if ($0 ~ /^#/) break
		if (match($0, /^[a-z_]+ *[=:] */)) {
			name = substr($0, 1, RLENGTH)
			sub(/ *[=:] *$/, "", name)
			$0 = substr($0, RLENGTH + 1)
			if ($0 ~ /^[({]/ || $0 == "") { print where(name) "\t-"; push(name); $0 = substr($0, 2); continue }
			match($0, /^("[^"]*"|\[[^\]]*\]|[^;]*)/)
			print where(name) "\t" (shown ? value(substr($0, 1, RLENGTH)) : "-")
			$0 = substr($0, RLENGTH + 1)
			continue
		}
		if ($0 ~ /^[({]/) push("")
		if ($0 ~ /^[)}]/) depth--
		$0 = substr($0, 2)
	}
}' conf/otpgwd.conf | sort -u > "$dir/sample"

status=0
compare() { # what, file of path and default
	cut -f 1 "$2" | sort -u > "$dir/paths"
	for path in $(comm -23 "$dir/table.paths" "$dir/paths"); do
		echo "conf_keys: $path is in the table, not in $1" >&2
		status=1
	done
	for path in $(comm -13 "$dir/table.paths" "$dir/paths"); do
		echo "conf_keys: $path is in $1, not in the table" >&2
		status=1
	done
}
compare conf/otpgwd.conf "$dir/sample"
compare man/otpgwd.conf.5 "$dir/man"

if ! diff "$dir/table" "$dir/man" > "$dir/diff"; then
	echo "conf_keys: defaults or restarts differ between the table (<) and man/otpgwd.conf.5 (>):" >&2
	cat "$dir/diff" >&2
	status=1
fi
# 0 and 0.0 are one number; a default of "-" is none.
if ! awk -F '\t' '
	NR == FNR { want[$1] = $2; next }
	$2 == "-" || !($1 in want) || want[$1] == "-" { next }
	$2 != want[$1] && !($2 ~ /^[0-9.]+$/ && $2 + 0 == want[$1] + 0) && $1 !~ /^(purposes\.ttl_max_s|smsc\.tag|purposes\.tag|numbering\.countries\..*)$/ {
		print "conf_keys: " $1 ": conf/otpgwd.conf shows " $2 ", the default is " want[$1]
		bad = 1
	}
	END { exit bad }' "$dir/table" "$dir/sample" >&2; then
	status=1
fi
exit $status
