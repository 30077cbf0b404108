"""The library of Redis functions: noted as used on each node, the libraries of retired versions deleted, and nobody else's touched."""
import time

import pytest
from rig import wait_until

WEEK = 7 * 86400
OLD, YOUNG, NEW, BROKEN = ("otpgwd_" + c * 16 for c in "01ab")
OTHERS = ("otpgwd_helper", "otpgwd_0123456789ABCDEF", "otpgwd_" + "0" * 17, "shop")


def libraries(node):
    reply = node.cli("FUNCTION", "LIST").split("\n")
    return {reply[i + 1] for i, line in enumerate(reply) if line == "library_name"}


def load(node, name):
    text = f"#!lua name={name}\nredis.register_function('{name}_f', function() return 1 end)"
    assert node.cli("FUNCTION", "LOAD", text) == name


def own(g):
    return g.daemon.json()["redis"]["library"]


def noted(node, name):
    """The key of a library on its node; "" while there is none."""
    return node.cli("KEYS", f"l{{*}}:{name}")


def noted_everywhere(g):
    for node in g.redis.masters():
        wait_until(lambda n=node: noted(n, own(g)), what="the key of the own library")


def again(g):
    """A new start looks at each node once more, as an hour would."""
    name = own(g)
    g.daemon.stop()
    for node in g.redis.masters():
        node.cli("DEL", noted(node, name))
    g.daemon.start()
    noted_everywhere(g)


@pytest.fixture
def aged(fresh):
    """A set on each of whose nodes are libraries of every age."""
    def make(**options):
        g = fresh(**options)
        noted_everywhere(g)
        for node in g.redis.masters():
            key = noted(node, own(g))
            now = int(time.time())
            assert abs(int(node.cli("GET", key)) - now) < 60 and WEEK < int(node.cli("TTL", key)) <= WEEK + 86400
            for name in (OLD, YOUNG, NEW, BROKEN, *OTHERS):
                load(node, name)
            for name, value in ((OLD, now - WEEK - 60), (YOUNG, now - WEEK + 600), (BROKEN, "-1x"), *((o, 1) for o in OTHERS)):
                assert node.cli("SET", key.replace(own(g), name), str(value)) == "OK"
        return g

    return make


def test_unused_for_a_week_is_deleted(aged, number):
    g = aged()
    again(g)
    for node in g.redis.masters():
        wait_until(lambda n=node: OLD not in libraries(n), what="the old library to be gone")
        assert {own(g), YOUNG, NEW, BROKEN, *OTHERS} <= libraries(node)
        wait_until(lambda n=node: noted(n, NEW), what="a key of the library that had none")
        assert abs(int(node.cli("GET", noted(node, NEW))) - time.time()) < 60 and node.cli("GET", noted(node, BROKEN)) == "-1x"
    wait_until(lambda: f"deletes unused library name={OLD}" in g.daemon.log(), what="the log")
    assert g.daemon.client().do("OTP.SEND", number())
    again(g)
    for node in g.redis.masters():
        assert {YOUNG, NEW, BROKEN, *OTHERS} <= libraries(node), "a week has not gone by"


def test_deleted_and_still_used_is_loaded_again(fresh, number):
    """What a daemon of another version deletes by mistake is loaded by the next request, and no client sees it."""
    g = fresh()
    name, c = own(g), g.daemon.client()
    for _ in range(3):
        g.redis.cli("FUNCTION", "DELETE", name)
        to = number()
        vid = c.do("OTP.SEND", to)
        assert c.do("OTP.VERIFY", vid, g.smsc.sms(to=to).code) == "OK"
    assert any(name in libraries(node) for node in g.redis.masters())


@pytest.mark.single("the rights of one user are turned by hand")
def test_times_that_may_not_be_read_delete_nothing(aged, number):
    """A user that is confined to its prefix: the own library is not noted, others stay, and all else is served."""
    g = aged(redis_options={"lines": ["user gw on >canarypw ~* &* +@all"]},
             replace=[('# user = "";', 'user = "gw"; password_file = "{folder}/pw";'), ('# key_prefix = "";', 'key_prefix = "p-";')])
    g.daemon.stop()
    g.redis.cli("ACL", "SETUSER", "gw", "resetkeys", "~p-*")
    g.daemon.start()
    wait_until(lambda: g.daemon.metric('otpgwd_redis_errors_total{kind="NOPERM"}') >= 2, what="what it may not")
    assert OLD in libraries(g.redis) and not noted(g.redis, NEW)
    assert g.daemon.client().do("OTP.SEND", number()) and g.daemon.ready()


def test_a_promoted_replica_has_the_library(fresh, number):
    g = fresh(redis="sentinel")
    name = own(g)
    assert g.daemon.client().do("OTP.SEND", number())
    for node in g.redis.nodes:
        wait_until(lambda n=node: name in libraries(n) and noted(n, name), what=f"the library and its key on {node.at}")
    g.daemon.stop()
    old = g.redis.kill_master()
    g.redis.await_failover(old)
    assert name in libraries(g.redis.master) and noted(g.redis.master, name), "before the daemon connects to it"
    load(g.redis.master, OLD)
    g.redis.master.cli("SET", noted(g.redis.master, name).replace(name, OLD), "1")
    g.daemon.start()
    wait_until(lambda: OLD not in libraries(g.redis.master), what="the old library to be gone")
    assert g.daemon.client().do("OTP.SEND", number())
