#!/bin/sh
# Shows the gateway at work: demo.sh BUILD demo|run
# Redis, a simulated SMSC with a phone behind it and the daemon, all private in a temporary directory, on Unix sockets and
# a free port. "demo" sends and verifies a code, corrects a mistyped number, lets an SMS come late, and has a person send one
# instead; "run" stays up to play with. Leaves nothing running.
set -eu
build=$(cd "$1" && pwd)
mode=${2:-demo}
smsc=${SMSC:-$build/tests/smsc/smsc}
cd "$(dirname "$0")/.."
dir=$(mktemp -d "${TMPDIR:-/tmp}/otpgwd-demo.XXXXXX")
redis_pid='' smsc_pid='' daemon_pid='' tail_pid=''

finish() {
	status=$?
	trap - EXIT
	trap '' INT TERM
	for pid in $tail_pid $daemon_pid $smsc_pid $redis_pid; do
		kill "$pid" 2>/dev/null || continue
		wait "$pid" 2>/dev/null || true
	done
	if [ "$status" -ne 0 ] && [ "$mode" = demo ] && [ -s "$dir/otpgwd.log" ]; then
		echo "The daemon's log:" >&2
		cat "$dir/otpgwd.log" >&2
	fi
	rm -rf "$dir"
	exit "$status"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# say what happens; show a command and run it
if [ -t 1 ]; then bold=$(printf '\033[1m') plain=$(printf '\033[0m'); else bold='' plain=''; fi
say() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }
ask() { echo "  \$ redis-cli -s api.sock $*"; redis-cli -s "$dir/api.sock" "$@" 2>&1 | tee "$dir/answer" | sed '/^$/d; s/^/  /'; }
page() { curl -sS --unix-socket "$dir/stats.sock" "http://localhost$1"; }
fail() { echo "demo: $*" >&2; exit 1; }
# until "command", at most 10 s
until_true() {
	tries=0
	while ! eval "$1" >/dev/null 2>&1; do
		tries=$((tries + 1))
		[ "$tries" -lt 200 ] || fail "waited in vain for: $1"
		sleep 0.05
	done
}

say '1. A private Redis, a simulated SMSC, and the daemon with the shipped configuration'
redis-server --port 0 --unixsocket "$dir/redis.sock" --dir "$dir" --save '' --appendonly yes --appendfsync everysec \
	--maxmemory-policy noeviction --logfile "$dir/redis.log" &
redis_pid=$!
: > "$dir/phone"
"$smsc" --port-file "$dir/port" --receipts text --receipt-delay-ms 200 --phone "$dir/phone" --phones "$dir/phones" --quiet &
smsc_pid=$!
until_true "redis-cli -s $dir/redis.sock ping"
until_true "[ -s $dir/port ]"

# What differs from the installed configuration: paths, the port, who may ask, and where phones send to. At a sign-up "send
# again" need not wait, and it brings a new code.
sed -e 's|# mo = \[\];|mo = ["95000"];|; s|# mo_trusted = false;|mo_trusted = true;|' \
	-e 's|name = "signup";|name = "signup"; waits_s = [0]; resend = "overlap";|' \
	-e "s|/run/otpgwd/|$dir/|; s|/run/redis-otpgwd/redis-server.sock|$dir/redis.sock|; s|port = 2775;|port = $(cat "$dir/port");|" \
	-e "s|# lock = \"/run/otpgwd-instance/lock\"|lock = \"$dir/lock\"|" \
	-e "s|# directory = \"/usr/share/otpgwd/numbering\"|directory = \"$PWD/conf/numbering\"|" \
	-e "s|uid = \[\"www-data\"\]|uid = [$(id -u)]|" conf/otpgwd.conf > "$dir/otpgwd.conf"
"$build/otpgwd" --genkey "$dir/index.key"
"$build/otpgwd" --genkey "$dir/code-1.key"
(umask 077; echo demo > "$dir/smsc.password")
export CREDENTIALS_DIRECTORY="$dir"
"$build/otpgwd" --check -c "$dir/otpgwd.conf" > "$dir/check" 2>&1 || { cat "$dir/check" >&2; fail 'the configuration is refused'; }
"$build/otpgwd" -c "$dir/otpgwd.conf" 2> "$dir/otpgwd.log" &
daemon_pid=$!
until_true "[ \"\$(curl -s -o /dev/null -w '%{http_code}' --unix-socket $dir/stats.sock http://localhost/readyz)\" = 200 ]"
page /readyz | sed 's/^/  /'

if [ "$mode" = run ]; then
	say 'Up. Try, from another terminal:'
	echo "  redis-cli -s $dir/api.sock OTP.SEND 0812-3456-7890 PURPOSE login SUBJECT session-4711"
	echo "  redis-cli -s $dir/api.sock OTP.VERIFY ID CODE"
	echo "  curl --unix-socket $dir/stats.sock http://localhost/status.json"
	echo '"help otp.send" in redis-cli tells more. Ctrl-C stops everything. The phone shows:'
	tail -f "$dir/phone" &
	tail_pid=$!
	wait "$daemon_pid"
	exit
fi

say '2. A backend asks for a code to be sent'
ask OTP.SEND 0812-3456-7890 PURPOSE login SUBJECT session-4711
id=$(tr -d '"\n' < "$dir/answer")
[ ${#id} -ge 20 ] || fail 'no id came back'

say '3. The phone shows'
until_true "[ -s $dir/phone ]"
sed 's/^/  /' "$dir/phone"
code=$(sed -n 's/.*kode Anda \([0-9]\{6\}\).*/\1/p' "$dir/phone")
[ -n "$code" ] || fail 'the SMS holds no code'
until_true "redis-cli -s $dir/api.sock OTP.STATUS $id FIELD delivery | grep -q delivered"

say '4. A wrong code is refused'
wrong=000000
[ "$code" != 000000 ] || wrong=111111
ask OTP.VERIFY "$id" "$wrong"
grep -q INCORRECT "$dir/answer" || fail 'a wrong code was not refused'

say '5. The right one is accepted'
ask OTP.VERIFY "$id" "$code"
grep -q '^"\{0,1\}OK' "$dir/answer" || fail 'the right code was refused'

say '6. ... and only once'
ask OTP.VERIFY "$id" "$code"
! grep -q '^"\{0,1\}OK' "$dir/answer" || fail 'a code was accepted twice'

# id: what the last command answered; code_of NUMBER [NTH]: the code in its last SMS, or in its NTH
id() { tr -d '"\n' < "$dir/answer"; }
code_of() { grep "^$1 " "$dir/phone" | { if [ -n "${2:-}" ]; then sed -n "$2p"; else tail -n 1; fi; } | sed -n 's/.*kode Anda \([0-9]\{6\}\).*/\1/p'; }
phone_of() { until_true "[ \"\$(grep -c '^$1 ' $dir/phone)\" = $2 ]"; grep "^$1 " "$dir/phone" | sed 's/^/  /'; }
delivery_is() { until_true "redis-cli -s $dir/api.sock OTP.STATUS $1 FIELD delivery | grep -q $2"; }
approved() { grep -q '^"\{0,1\}OK' "$dir/answer" || fail "$1"; }

say '7. A sign-up with a digit typed wrong: nobody has this number'
ask OTP.SEND 0812-3499-9101 PURPOSE signup SUBJECT session-4712
id=$(id)
delivery_is "$id" failed
ask OTP.STATUS "$id" FIELD say SAY en
grep -q 'Please check the number' "$dir/answer" || fail 'the person is told nothing'

say '8. The person corrects it: the same id, and a code on the right phone'
ask OTP.REDIRECT "$id" 0812-3489-9101 SUBJECT session-4712
[ "$(id)" = "$id" ] || fail 'the id changed'
phone_of 6281234899101 1
ask OTP.VERIFY "$id" "$(code_of 6281234899101)"
approved 'the code of the corrected number was refused'

say '9. "Send again" brings another code, and then the first SMS comes after all: its code is still good'
ask OTP.SEND 0812-3456-7892 PURPOSE signup SUBJECT session-4713
id=$(id)
delivery_is "$id" delivered
ask OTP.RESEND "$id"
phone_of 6281234567892 2
first=$(code_of 6281234567892 1)
ask OTP.VERIFY "$id" "$first"
approved 'the code of the SMS that came late was refused'

say '10. No SMS comes: the person sends one instead, where no number can be mistyped'
ask OTP.REVERSE SUBJECT session-4714 PURPOSE signup LANG en
id=$(sed -n 2p "$dir/answer" | tr -d '"')
text=$(sed -n 4p "$dir/answer" | tr -d '"')
echo "  The phone +62 812-3456-7893 sends \"$text\" to 95000"
python3 -c 'import socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
s.sendall((sys.argv[2] + "\n").encode())
s.recv(64)' "$dir/phones" "deliver gsm 0 6281234567893 95000 $text"
ask OTP.STATUS "$id" FIELD state
grep -q verified "$dir/answer" || fail 'the SMS of the person did not verify'

say '11. The funnel, from the stats socket'
echo '  $ curl --unix-socket stats.sock http://localhost/status.json'
page /status.json | sed -n 's/.*"funnel":{\([^}]*\)}.*/\1/p' | tr -d '"' | tr ',' '\n' | awk -F : '{ printf "  %-12s %s\n", $1, $2 }' |
	tee "$dir/funnel"
grep -q 'approved *4$' "$dir/funnel" || fail 'the funnel does not show the approvals'

say 'Done. "make run" does the same set-up and stays up to play with.'
