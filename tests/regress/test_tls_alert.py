"""A certificate that we refuse: the SMSC's people read in their log why the link closed, not that it broke off."""
import socket
import ssl
import subprocess
import threading

from test_binds import edit


def test_the_smsc_is_told(fresh, tmp_path):
    for name in ("mine", "other"):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", f"/CN={name}",
                        "-keyout", tmp_path / f"{name}.key", "-out", tmp_path / f"{name}.pem"], check=True, capture_output=True)
    g = fresh()
    g.smsc.stop()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "mine.pem", tmp_path / "mine.key")
    told = []

    def serve(listener):
        sock, _ = listener.accept()
        try:
            with context.wrap_socket(sock, server_side=True) as s:
                s.recv(1)
        except OSError as e:
            told.append(str(e))

    edit(g.daemon, ("reconnect_min_ms = 50;", f'reconnect_min_ms = 50; tls: {{ ca = "{tmp_path}/other.pem"; }};'))
    g.daemon.reload()
    with socket.create_server(("127.0.0.1", g.smsc.own_port)) as listener:
        listener.settimeout(20)
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        thread.join(20)
    assert len(told) == 1 and "unknown ca" in told[0].lower(), told
