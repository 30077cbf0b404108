"""The connection is dropped after SEND was read, before its reply: redis-py sends again, and one SMS goes out."""
import socket
import threading

import redis


def proxy(path, to):
    """Passes octets; the reply to the first OTP.SEND is thrown away with its connection."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen(8)
    dropped = []

    def serve(near):
        far = socket.socket(socket.AF_UNIX)
        far.connect(to)
        while data := near.recv(65536):
            far.sendall(data)
            answer = far.recv(65536)
            if b"OTP.SEND" in data and not dropped:
                dropped.append(answer)
                break
            near.sendall(answer)
        near.close()
        far.close()

    def accept():
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(near,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return listener, dropped


def test_redis_py_sends_twice_one_sms(gw, client, number):
    path = gw.daemon.path("proxy.sock")
    listener, dropped = proxy(path, gw.daemon.api)
    submits = gw.smsc.account()["submits"]
    r = redis.Redis(unix_socket_path=path, retry_on_error=[redis.ConnectionError])
    r.ping()
    to = number()
    vid = r.execute_command("OTP.SEND", to).decode()
    code = gw.smsc.sms(to=to).code
    marker = number()
    client.do("OTP.SEND", marker)
    gw.smsc.sms(to=marker)
    assert len(dropped) == 1 and vid in dropped[0].decode()
    assert gw.smsc.account()["submits"] == submits + 2
    assert r.execute_command("OTP.VERIFY", vid, code) == b"OK"
    listener.close()
