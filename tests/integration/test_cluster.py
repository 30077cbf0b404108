"""Redis Cluster: slots move in load, masters are replaced, a node is away and the others serve on."""
import pytest
from rig import KEPT, wait_until


@pytest.fixture
def spread(story):
    def make(**options):
        return story(redis="cluster", **options)

    return make


@pytest.mark.seconds(120)
def test_resharding_in_load(spread):
    """MOVED and ASK: every busy slot of a master moves away and back, and no client notices."""
    s = spread()
    cluster = s.g.redis
    one, two, three = cluster.nodes
    for source, target in ((one, two), (two, three), (three, one)):
        slots = cluster.busy_slots(source)[:60]
        assert len(slots) > 10
        cluster.move(slots, source, target)
        s.load.more(20)
    s.normal_within(5)
    s.end(refusals=())


def test_asked_at_the_other_node(fresh, number):
    """ASK: the keys of a slot have gone ahead, the slot itself has not; a record is read where it is, again and again."""
    g = fresh(redis="cluster")
    client, to = g.daemon.client(), number()
    vid = client.do("OTP.SEND", to)
    code = g.smsc.sms(to=to).code
    wait_until(lambda: client.status(vid)["delivery"] != "queued", what="the mark")
    source = next(n for n in g.redis.nodes if n.connection().keys("o{*"))
    target = next(n for n in g.redis.nodes if n is not source)
    slots = g.redis.busy_slots(source)
    before = client.status(vid)
    g.redis.half_move(slots, source, target)
    for slot in slots:
        g.redis.move_keys(slot, source, target)
    for _ in range(10):
        assert client.status(vid)["state"] == before["state"]
    assert source.keys() == 0 and "cmdstat_asking" in target.info("commandstats")
    g.redis.move(slots, source, target)
    assert client.do("OTP.VERIFY", vid, code) == "OK"


def test_slots_half_moved(spread):
    """For as long as both nodes serve a slot, Redis refuses what needs several keys of it: those numbers wait, the rest is served."""
    s = spread()
    cluster = s.g.redis
    one, two, _ = cluster.nodes
    slots = cluster.busy_slots(one)[:20]
    cluster.half_move(slots, one, two)
    s.load.refused(5)
    s.load.more(200)
    cluster.move(slots, one, two)
    s.normal_within(5)
    s.end(at_once=4)


@pytest.mark.seconds(120)
def test_master_replaced(spread):
    """CLUSTER FAILOVER of each master, then kill -9 of one with ack=replica: lost 0."""
    s = spread(redis_options={"replicas": 1}, replace=[('# ack = "local";', 'ack = "replica";')])
    cluster = s.g.redis
    for master in cluster.masters():
        cluster.failover(master)
        s.load.more()
        cluster.await_ok()
    s.normal_within(10)
    dead = cluster.masters()[0]
    replica = cluster.replica_of(dead)
    dead.kill()
    s.load.refused()
    cluster.await_master(replica)
    dead.start()
    s.normal_within(15)
    s.end()


def test_a_node_away(spread):
    """Without full coverage: its third of the numbers is refused at once, the rest is served; all are when it is back."""
    s = spread(redis_options={"lines": [*KEPT["lines"], "cluster-require-full-coverage no"]}, load={"pause": 0.05})
    dead = s.g.redis.nodes[0]
    dead.kill()
    s.load.refused(20)
    s.load.more(100)
    dead.start()
    s.g.redis.await_ok()
    s.normal_within(15)
    s.end()


def test_all_killed(spread):
    s = spread(redis_options=KEPT)
    s.g.redis.kill()
    s.load.refused()
    wait_until(lambda: not s.g.daemon.ready(), what="not ready")
    s.g.redis.start()
    s.normal_within(15)
    s.end()


def test_first_nodes_gone(fresh, number):
    """The nodes of the configuration are only where the daemon begins: one of them is enough."""
    g = fresh(redis="cluster", redis_options={"replicas": 1})
    g.daemon.stop()
    for node in g.redis.nodes[:2]:
        replica = g.redis.replica_of(node)
        node.kill()
        g.redis.await_master(replica)
    g.redis.await_ok([n for n in g.redis.nodes if n.alive()])
    g.daemon.start()
    wait_until(lambda: g.daemon.json()["redis"]["warning"] == "", 15, "every node")
    client = g.daemon.client()
    for _ in range(20):
        assert client.do("OTP.SEND", number())


def test_scripts_flushed_everywhere(spread):
    s = spread()
    for _ in range(5):
        s.g.redis.cli("FUNCTION", "FLUSH")
        s.load.more(20)
    s.normal_within(5)
    s.end(refusals=())
