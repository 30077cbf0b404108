"""Clients that we did not write: each sends, verifies wrong and right, and sees the error's text."""
import json
import os
import re
import shutil
import subprocess

import pytest
import redis
from rig import ROOT

LIBRARIES = ["ioredis", "ioredis5", "redis5", "redis6", "redis5+cache", "redis6+cache"]


@pytest.mark.parametrize("library", LIBRARIES)
def test_node(gw, number, node, library):
    to = number()
    script = node("client.js", library, gw.daemon.api, to)
    first = script.line()
    assert first["step"] == "id" and len(first["value"]) == 52
    script.tell(gw.smsc.sms(to=to).code)
    said = {line["step"]: line["value"] for line in script.rest()}
    assert said["wrong"] == "error: INCORRECT attempts_left=4 the code is not right"
    assert said["badarg"].startswith("error: BADARG arg=REQIT unknown option")
    assert said["right"] == "OK"
    assert said["again"].startswith("error: USED ")
    assert said["pipeline"] == "true" and said["state"] == "verified"
    flat = json.loads(said["map"])
    assert dict(zip(flat[::2], flat[1::2]))["id"] == first["value"]
    assert "client_error" not in said


def test_redis_py(gw, number):
    otp = redis.Redis(unix_socket_path=gw.daemon.api, client_name="interop", decode_responses=True)
    to = number()
    vid = otp.execute_command("OTP.SEND", to, "PURPOSE", "login", "REQID", "signup-4711")
    code = gw.smsc.sms(to=to).code
    wrong = "000000" if code != "000000" else "111111"
    with pytest.raises(redis.ResponseError, match=r"^INCORRECT attempts_left=4 the code is not right$"):
        otp.execute_command("OTP.VERIFY", vid, wrong)
    assert otp.execute_command("OTP.VERIFY", vid, code) == "OK"
    with pytest.raises(redis.ResponseError, match=r"^USED "):
        otp.execute_command("OTP.VERIFY", vid, code)
    pipe = otp.pipeline(transaction=False)
    for i in range(200):
        pipe.echo(str(i))
    assert pipe.execute() == [str(i) for i in range(200)]
    assert otp.client_getname() == "interop"


@pytest.mark.parametrize("library", ["ioredis", "ioredis5"])
def test_lost_reply(gw, client, number, node, dropping, library):
    """The default settings send the command again after the connection is gone: one SMS, and the id in the end."""
    to, before = number(), gw.smsc.account()["submits"]
    (said,) = node("lost_reply.js", library, dropping.path, to).rest()
    assert dropping.answers and said == {"id": dropping.answers[0][5:57].decode()}
    one_sms(gw, client, number, to, before)


def test_lost_reply_redis_py(gw, client, number, dropping):
    """The default settings: the caller gets an error, or the id of the first request; never a second SMS."""
    to, before = number(), gw.smsc.account()["submits"]
    otp = redis.Redis(unix_socket_path=dropping.path)
    otp.ping()
    try:
        vid = otp.execute_command("OTP.SEND", to)
    except redis.ConnectionError:
        vid = otp.execute_command("OTP.SEND", to)
    assert vid == dropping.answers[0][5:57]
    one_sms(gw, client, number, to, before)


def one_sms(gw, client, number, to, before):
    """What was sent before this marker's SMS is at the SMSC when the marker is."""
    gw.smsc.sms(to=to)
    marker = number()
    client.do("OTP.SEND", marker)
    gw.smsc.sms(to=marker)
    assert gw.smsc.account()["submits"] == before + 2


# README's lines stand in the middle.
PHP = r"""
[, $socket, $number] = $argv;
[$session, $token] = ["session of $number", "form of $number"];
%s
"""


def php_of_readme():
    with open(os.path.join(ROOT, "README.md")) as f:
        lines = re.search(r"```php\n(.*?)```", f.read(), re.S).group(1)
    send, verify = lines.split("try {")
    send = send.replace("'/run/otpgwd/api.sock'", "$socket").replace("'081234567890'", "$number")
    loop = "echo \"$id\\n\"; $code = trim(fgets(STDIN));\nforeach ([$code === '000000' ? '111111' : '000000', $code, $code] as $typed) {"
    return PHP % f"{send}{loop}\ntry {{{verify}}}"


@pytest.mark.skipif(not shutil.which("php") or "redis" not in subprocess.run(["php", "-m"], capture_output=True, text=True).stdout,
                    reason="php-redis is not installed")
def test_php(gw, number):
    to = number()
    php = subprocess.Popen(["php", "-r", php_of_readme(), gw.daemon.api, to], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert len(php.stdout.readline().strip()) == 52
    out, _ = php.communicate(gw.smsc.sms(to=to).code + "\n", timeout=20)
    wrong, right, again = out.splitlines()
    assert wrong.startswith("refused: INCORRECT attempts_left=4") and right == "in" and again.startswith("refused: USED")
