"""What an error looks like in the hands of each client, and the snippets of otpgwd-protocol(7) that read it."""
import os
import re
import shutil
import subprocess
import sys

import pytest
import redis
from rig import ROOT

LINE = "INCORRECT attempts_left=%d the code is not right"
HERE = os.path.dirname(os.path.abspath(__file__))


def can(*argv):
    return shutil.which(argv[0]) and subprocess.run(argv, capture_output=True).returncode == 0


def printed(name):
    """The block of the manual page behind the comment `run: name`, as a reader copies it."""
    with open(os.path.join(ROOT, "man/otpgwd-protocol.7")) as f:
        block = re.search(r'^\.\\" run: %s\n\.Bd.*\n((?:.*\n)*?)\.Ed$' % name, f.read(), re.M).group(1)
    assert "\\" not in block, "what is typed needs no escape"
    return block


def snippet(name, socket):
    block = printed(name)
    assert "/run/otpgwd/api.sock" in block
    return block.replace("/run/otpgwd/api.sock", socket)


def run(argv, text=""):
    done = subprocess.run(argv, input=text, cwd=HERE, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


SNIPPETS = {  # what runs it, and what a page would have
    "python": ([sys.executable, "-"], 'number, session, token, typed = "%s", "s", "t", "%s"\n'),
    "node": (["node", "-"], 'const number = "%s", session = "s", token = "t", typed = "%s";\n'),
    "php": (["php"], '<?php\n[$number, $session, $token, $typed] = ["%s", "s", "t", "%s"];\n'),
}


@pytest.mark.parametrize("name", [
    "python", "node", pytest.param("php", marks=pytest.mark.skipif(not can("php", "-r", "new Redis();"), reason="php-redis is not installed"))])
def test_snippets(gw, client, number, name):
    """Wrong, of another length, and right: each is told apart by its code and its fields."""
    argv, preset = SNIPPETS[name]
    to, block = number(), snippet(name, gw.daemon.api)
    said = lambda typed: run(argv, preset % (to, typed) + block)
    first = said("12345")
    assert "INCORRECT" not in first and first == "wrong, 5 left\n", first
    code = gw.smsc.sms(to=to).code
    assert said("000000" if code != "000000" else "111111") == "wrong, 4 left\n"
    assert said(code) == "in\n"
    again = said(code)
    assert again.startswith("USED ") and "ago" in again and re.search(r"[0-9]", again), again


@pytest.fixture
def vid(gw, client, number):
    to = number()
    made = client.do("OTP.SEND", to)
    code = gw.smsc.sms(to=to).code
    return made, [c for c in ("000000", "111111", "222222", "333333") if c != code]


def test_redis_py(gw, vid):
    otp = redis.Redis(unix_socket_path=gw.daemon.api, decode_responses=True)
    made, wrong = vid
    with pytest.raises(redis.ResponseError) as e:
        otp.execute_command("OTP.VERIFY", made, wrong[0])
    assert str(e.value) == LINE % 4
    with pytest.raises(redis.ResponseError) as e:
        otp.execute_command("NOSUCH")
    assert str(e.value) == "unknown command 'NOSUCH'", "less the word ERR"
    pipe = otp.pipeline(transaction=False)
    pipe.execute_command("PING").execute_command("OTP.VERIFY", made, wrong[1])
    with pytest.raises(redis.ResponseError) as e:
        pipe.execute()
    assert str(e.value) == f"Command # 2 (OTP.VERIFY {made} {wrong[1]}) of pipeline caused error: " + LINE % 3
    pipe = otp.pipeline(transaction=False)
    pipe.execute_command("PING").execute_command("OTP.VERIFY", made, wrong[2])
    pong, error = pipe.execute(raise_on_error=False)
    assert pong and str(error) == LINE % 2


PERL = 'my $r = Redis->new(sock => $ARGV[0]); my $m = "OTP.VERIFY"; eval { $r->$m($ARGV[1], $ARGV[2]) }; print $@;'


@pytest.mark.skipif(not can("perl", "-MRedis", "-e", "1"), reason="libredis-perl is not installed")
def test_perl(gw, vid):
    said = run(["perl", "-MRedis", "-e", PERL, gw.daemon.api, vid[0], vid[1][0]])
    assert said.startswith("[OTP.VERIFY] " + LINE % 4 + ",") and " line 1." in said


LUA = """local redis = require "redis"
redis.commands.otp_verify = redis.command("OTP.VERIFY")
local otp = redis.connect("unix://" .. arg[1])
print(select(2, pcall(otp.otp_verify, otp, arg[2], arg[3])))
"""


@pytest.mark.skipif(not can("lua5.1", "-e", 'require "redis" require "socket.unix"'), reason="lua5.1, lua-redis and lua-socket are not installed")
def test_lua(gw, vid):
    assert run(["lua5.1", "-", gw.daemon.api, vid[0], vid[1][0]], LUA) == "redis error: " + LINE % 4 + "\n"


PREDIS = r"""<?php require "Predis/Autoloader.php"; Predis\Autoloader::register();
$otp = new Predis\Client(["scheme" => "unix", "path" => $argv[1]]);
try { $otp->executeCommand(new Predis\Command\RawCommand(["OTP.VERIFY", $argv[2], $argv[3]])); }
catch (Predis\Response\ServerException $e) { echo $e->getMessage(), "\n", $e->getErrorType(), "\n"; }
echo $otp->executeRaw(["OTP.VERIFY", $argv[2], $argv[4]], $failed), "\n", $failed ? "failed" : "good", "\n";
"""


@pytest.mark.skipif(not can("php", "-r", 'exit((int) !stream_resolve_include_path("Predis/Autoloader.php"));'), reason="php-nrk-predis is not installed")
def test_predis(gw, vid):
    made, wrong = vid
    said = run(["php", "--", gw.daemon.api, made, wrong[0], wrong[1]], PREDIS).splitlines()
    assert said == [LINE % 4, "INCORRECT", LINE % 3, "failed"]


PHPREDIS = """<?php $otp = new Redis(); $otp->connect($argv[1]);
try { $otp->rawCommand("OTP.VERIFY", $argv[2], $argv[3]); } catch (RedisException $e) { echo $e->getMessage(), "\\n"; }
echo json_encode($otp->rawCommand("NOSUCH")), "\\n", $otp->getLastError(), "\\n";
"""


@pytest.mark.skipif(not can("php", "-r", "new Redis();"), reason="php-redis is not installed")
def test_phpredis(gw, vid):
    said = run(["php", "--", gw.daemon.api, vid[0], vid[1][0]], PHPREDIS).splitlines()
    assert said == [LINE % 4, "false", "ERR unknown command 'NOSUCH'"]


RUBY = "begin; Redis.new(path: ARGV[0]).call('OTP.VERIFY', ARGV[1], ARGV[2]); rescue => e; puts e.message; end"


@pytest.mark.skipif(not can("ruby", "-rredis", "-e", "1"), reason="ruby-redis is not installed")
def test_redis_rb(gw, vid):
    assert run(["ruby", "-rredis", "-e", RUBY, gw.daemon.api, vid[0], vid[1][0]]) == LINE % 4 + "\n"
