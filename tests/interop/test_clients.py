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


def of_readme(language):
    with open(os.path.join(ROOT, "README.md")) as f:
        return re.search(rf"```{language}\n(.*?)```", f.read(), re.S).group(1)


def judged(g, number, argv, folder):
    """A snippet of README as it is printed, and behind it what calls it: an id, then the answer to each code of its input."""
    to = number()
    with subprocess.Popen([*argv, to], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=folder) as script:
        assert len(script.stdout.readline().strip()) == 52
        code = g.smsc.sms(to=to).code
        wrong = "000000" if code != "000000" else "111111"
        out, _ = script.communicate("".join(f"{typed}\n" for typed in (wrong, code, code)), timeout=20)
    first, right, again = out.splitlines()
    assert first.startswith("INCORRECT attempts_left=4") and right == "OK" and again.startswith("USED"), out


def snippet(g, tmp_path, language, name, behind):
    text = of_readme(language)
    assert "/run/otpgwd/api.sock" in text and "token" in text
    path = tmp_path / name
    path.write_text(text.replace("/run/otpgwd/api.sock", g.daemon.api) + behind)
    return str(path)


def test_the_node_snippet(gw, number, tmp_path):
    modules = os.path.join(os.path.dirname(os.path.abspath(__file__)), "node_modules")
    os.symlink(modules, tmp_path / "node_modules")
    path = snippet(gw, tmp_path, "js", "snippet.js", """
(async () => {
  const id = await send(process.argv[2], 'session', 'form-1');
  console.log(id);
  for await (const typed of require('readline').createInterface({ input: process.stdin })) console.log(await verify(id, typed));
  otp.disconnect();
})();
""")
    judged(gw, number, ["node", path], tmp_path)


def test_the_python_snippet(gw, number, tmp_path):
    path = snippet(gw, tmp_path, "python", "snippet.py", """
import sys
vid = send(sys.argv[1], "session", "form-1")
print(vid, flush=True)
for line in sys.stdin: print(verify(vid, line.strip()))
""")
    judged(gw, number, ["/usr/bin/python3", path], tmp_path)


@pytest.mark.skipif(not shutil.which("php") or "redis" not in subprocess.run(["php", "-m"], capture_output=True, text=True).stdout,
                    reason="php-redis is not installed")
def test_the_php_snippet(gw, number, tmp_path):
    path = snippet(gw, tmp_path, "php", "snippet.php", """
$id = send($argv[1], 'session', 'form-1');
echo "$id\n";
while (($typed = fgets(STDIN)) !== false) echo verify($id, trim($typed)), "\n";
""")
    with open(path) as f:
        text = f.read()
    with open(path, "w") as f:
        f.write("<?php\n" + text)
    judged(gw, number, ["php", path], tmp_path)


GO = "/usr/share/gocode/src"


@pytest.mark.skipif(not shutil.which("go") or not os.path.isdir(f"{GO}/github.com/redis/go-redis"),
                    reason="golang and golang-github-redis-go-redis-dev are not installed")
def test_the_go_snippet(gw, number, tmp_path):
    path = snippet(gw, tmp_path, "go", "main.go", """
func main() {
	ctx := context.Background()
	id, err := send(ctx, os.Args[1], "session", "form-1")
	if err != nil { panic(err) }
	fmt.Println(id)
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		answer, err := verify(ctx, id, in.Text())
		if err != nil { answer = err.Error() }
		fmt.Println(answer)
	}
}
""")
    with open(path) as f:
        text = f.read()
    with open(path, "w") as f:
        f.write('package main\n\nimport (\n"bufio"\n"context"\n"fmt"\n"os"\n"time"\n\n"github.com/redis/go-redis/v9"\n)\n\n' + text)
    env = {**os.environ, "GOPATH": "/usr/share/gocode", "GO111MODULE": "off", "GOCACHE": str(tmp_path / "cache")}
    subprocess.run(["go", "build", "-o", "snippet", "main.go"], cwd=tmp_path, env=env, check=True)
    judged(gw, number, [str(tmp_path / "snippet")], tmp_path)
