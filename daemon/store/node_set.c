/*
 * node_set: the connections to the servers, the partitions they serve, and the state of all of them together. Owns the
 * connections.
 */
#include "node_set.h"

#include "base/clock.h"
#include "base/invariant.h"

enum err node_set_init(struct node_set *n, struct loop *loop, struct resolver *resolver, const struct store_opts *opts,
                       const struct conn_hooks *hooks)
{
	n->loop = loop;
	n->resolver = resolver;
	n->opts = opts;
	n->hooks = *hooks;
	gauges_init(&n->gauges);
	return partitions_init(&n->partitions, opts->partitions);
}

static void node_clear(struct node *node)
{
	conn_free(node->marks);
	conn_free(node->conn);
}

static size_t node_in_flight(const struct node *node)
{
	return conn_in_flight(node->conn) + conn_in_flight(node->marks);
}

void node_set_close(struct node_set *n)
{
	size_t count = n->count;

	n->count = 0;
	partitions_all(&n->partitions, PARTITIONS_NONE);
	for (size_t i = 0; i < count; i++)
		node_clear(&n->node[i]);
}

void node_set_clear(struct node_set *n)
{
	partitions_clear(&n->partitions);
}

size_t node_set_add(struct node_set *n, const struct address *address)
{
	struct node node = { 0 };

	if (n->count < NODES_MAX)
		node.conn = conn_new(n->loop, n->resolver, n->opts, CONN_REDIS, &n->hooks);
	if (node.conn)
		node.marks = conn_new_beside(node.conn);
	if (!node.marks) {
		node_clear(&node);
		return PARTITIONS_NONE;
	}
	if (address)
		conn_set_address(node.conn, address);
	n->node[n->count] = node;
	return n->count++;
}

struct conn *node_set_conn(const struct node_set *n, uint8_t i, bool mark)
{
	if (i == PARTITIONS_NONE)
		return NULL;
	return mark && conn_up(n->node[i].marks) ? n->node[i].marks : n->node[i].conn;
}

static struct conn *marks_beside(const struct node_set *n, const struct conn *c)
{
	for (size_t i = 0; i < n->count; i++) {
		if (n->node[i].conn == c)
			return n->node[i].marks;
	}
	return NULL;
}

void node_set_came(struct node_set *n, const struct conn *c)
{
	struct conn *marks = marks_beside(n, c);

	if (invariant(marks != NULL))
		conn_start(marks);
}

void node_set_went(struct node_set *n, const struct conn *c)
{
	struct conn *marks = marks_beside(n, c);

	if (invariant(marks != NULL))
		conn_drop(marks, conn_reason(c));
}

size_t node_set_find_or_add(struct node_set *n, const struct address *address)
{
	for (size_t i = 0; i < n->count; i++) {
		if (address_same(conn_address(n->node[i].conn), address))
			return i;
	}
	size_t i = node_set_add(n, address);

	if (i != PARTITIONS_NONE)
		conn_start(n->node[i].conn);
	return i;
}

static bool serving_up(const struct node_set *n, size_t i)
{
	return n->node[i].serves && conn_up(n->node[i].conn);
}

bool node_set_up(const struct node_set *n)
{
	for (size_t i = 0; i < n->count; i++) {
		if (serving_up(n, i))
			return true;
	}
	return false;
}

bool node_set_whole(const struct node_set *n)
{
	for (unsigned p = 0; p < n->partitions.partitions; p++) {
		if (n->partitions.of[p] == PARTITIONS_NONE || !conn_up(n->node[n->partitions.of[p]].conn))
			return false;
	}
	return true;
}

/* The first node that serves stands for all, because the operator keeps the clocks of a cluster in step. */
int64_t node_set_offset_ms(const struct node_set *n)
{
	for (size_t i = 0; i < n->count; i++) {
		if (serving_up(n, i))
			return conn_offset_ms(n->node[i].conn);
	}
	return n->count ? conn_offset_ms(n->node[0].conn) : clock_wall_ms() - clock_mono_ms();
}

int64_t node_set_retry_ms(const struct node_set *n)
{
	int64_t least = INT64_MAX;

	for (size_t i = 0; i < n->count; i++) {
		int64_t ms = conn_retry_ms(n->node[i].conn);

		least = ms < least ? ms : least;
	}
	return n->count ? least : 0;
}

enum store_durability node_set_durability(const struct node_set *n)
{
	enum store_durability weakest = STORE_DUR_FAILOVER;

	for (size_t i = 0; i < n->count; i++) {
		if (serving_up(n, i) && conn_durability(n->node[i].conn) < weakest)
			weakest = conn_durability(n->node[i].conn);
	}
	return node_set_up(n) ? weakest : STORE_DUR_UNKNOWN;
}

const char *node_set_warning(const struct node_set *n)
{
	for (size_t i = 0; i < n->count; i++) {
		if (n->node[i].serves && !conn_up(n->node[i].conn) && node_set_up(n))
			return "a node of the cluster is away: its share of the numbers is not served";
		if (serving_up(n, i) && conn_warning(n->node[i].conn)[0])
			return conn_warning(n->node[i].conn);
	}
	return "";
}

/* Without the right to ask for the map of a cluster, no node is known to serve. */
static bool answers(const struct node_set *n, size_t i)
{
	return conn_up(n->node[i].conn) && (n->node[i].serves || !node_set_up(n));
}

const char *node_set_refusing(const struct node_set *n)
{
	for (size_t i = 0; i < n->count; i++) {
		if (answers(n, i) && conn_refusing(n->node[i].conn)[0])
			return conn_refusing(n->node[i].conn);
	}
	return "";
}

const char *node_set_lacks(const struct node_set *n)
{
	for (size_t i = 0; i < n->count; i++) {
		if (answers(n, i) && conn_lacks(n->node[i].conn)[0])
			return conn_lacks(n->node[i].conn);
	}
	return "";
}

const char *node_set_reason(const struct node_set *n)
{
	for (size_t i = 0; i < n->count; i++) {
		if (n->node[i].serves && !conn_up(n->node[i].conn))
			return conn_reason(n->node[i].conn);
	}
	return n->count ? "" : "no node answered yet";
}

void node_set_status(const struct node_set *n, struct json *j)
{
	char address[ADDRESS_TEXT_CAP];

	json_open(j, "nodes", '[');
	for (size_t i = 0; i < n->count; i++) {
		const struct conn *c = n->node[i].conn;

		json_open(j, NULL, '{');
		address_print(conn_address(c), address);
		json_str(j, "address", address);
		json_bool(j, "up", conn_up(c));
		json_bool(j, "serves", n->node[i].serves);
		json_str(j, "reason", conn_reason(c));
		json_int(j, "retry_ms", conn_retry_ms(c));
		json_str(j, "durability", store_durability_name(conn_durability(c)));
		json_int(j, "in_flight", (int64_t)node_in_flight(&n->node[i]));
		json_bool(j, "marks", conn_up(n->node[i].marks));
		json_close(j, '}');
	}
	json_close(j, ']');
}

void node_set_show(struct node_set *n)
{
	struct gauges_now now = { .durability = node_set_durability(n) };

	for (size_t i = 0; i < n->count; i++) {
		now.serving += n->node[i].serves;
		now.serving_up += serving_up(n, i);
		now.in_flight += node_in_flight(&n->node[i]);
	}
	gauges_set(&n->gauges, &now);
}

void node_set_mark_serving(struct node_set *n)
{
	for (size_t i = 0; i < n->count; i++)
		n->node[i].serves = false;
	for (unsigned p = n->partitions.partitions; p-- > 0;) {
		if (n->partitions.of[p] == PARTITIONS_NONE)
			continue;
		n->node[n->partitions.of[p]].serves = true;
		conn_set_probe(n->node[n->partitions.of[p]].conn, (int)p);
	}
	for (size_t i = 0; i < n->count; i++) {
		if (!n->node[i].serves)
			conn_set_probe(n->node[i].conn, -1);
	}
}

void node_set_sweep(struct node_set *n, bool keep_up)
{
	for (size_t i = n->count; i-- > 0;) {
		const struct conn *c = n->node[i].conn;

		if (n->node[i].serves || node_in_flight(&n->node[i]) || (keep_up && conn_up(c)))
			continue;
		if (!invariant(n->count > 0 && n->count <= NODES_MAX))
			return;
		node_clear(&n->node[i]);
		n->node[i] = n->node[--n->count];
		partitions_swap(&n->partitions, (uint8_t)n->count, (uint8_t)i);
	}
}
