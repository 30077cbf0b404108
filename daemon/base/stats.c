/*
 * stats: the registry of metrics. Owns every series. Callers keep pointers, so that counting needs no lookup. Must
 * never free a series before stats_clear.
 */
#include "base/stats.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum kind { KIND_COUNTER, KIND_GAUGE, KIND_HIST };

static const int64_t bounds_us[] = { 1000,   2500,   5000,    10000,   25000,   50000,   100000,
	                             250000, 500000, 1000000, 2500000, 5000000, 10000000 };
static const char *const bound_names[] = { "0.001", "0.0025", "0.005", "0.01", "0.025", "0.05", "0.1",
	                                   "0.25",  "0.5",    "1",     "2.5",  "5",     "10" };
#define BOUNDS (sizeof(bounds_us) / sizeof(bounds_us[0]))

struct stats_counter {
	uint64_t value;
};

struct stats_gauge {
	double value;
};

struct stats_hist {
	uint64_t buckets[BOUNDS + 1];
	uint64_t count;
	int64_t sum_us;
};

struct series {
	const char *name, *help;
	char *labels; /* "" if none */
	enum kind kind;
	union {
		struct stats_counter counter;
		struct stats_gauge gauge;
		struct stats_hist hist;
	} as;
};

/* Sorted by name, then labels. */
static struct series **all;
static size_t count, size;
static struct series sink;

static int compare(const struct series *s, const char *name, const char *labels)
{
	int c = strcmp(s->name, name);

	return c ? c : strcmp(s->labels, labels);
}

/* The index of (name, labels), or the index at which to insert it. */
static size_t place(const char *name, const char *labels, bool *found)
{
	size_t low = 0, high = count;

	*found = false;
	while (low < high) {
		size_t mid = (low + high) / 2;
		int c = compare(all[mid], name, labels);

		if (c == 0) {
			*found = true;
			return mid;
		}
		if (c < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static struct series *find_or_add(enum kind kind, const char *name, const char *help, const char *labels)
{
	bool found;

	labels = labels ? labels : "";
	size_t at = place(name, labels, &found);
	if (found)
		return all[at]->kind == kind ? all[at] : &sink;
	if (count == size) {
		size_t more = size ? size * 2 : 64;
		struct series **grown = realloc(all, more * sizeof(struct series *));

		if (!grown)
			return &sink;
		all = grown;
		size = more;
	}
	struct series *s = calloc(1, sizeof(*s));
	if (!s || !(s->labels = strdup(labels))) {
		free(s);
		return &sink;
	}
	s->name = name;
	s->help = help;
	s->kind = kind;
	memmove(all + at + 1, all + at, (count - at) * sizeof(struct series *));
	all[at] = s;
	count++;
	return s;
}

struct stats_counter *stats_counter(const char *name, const char *help, const char *labels)
{
	return &find_or_add(KIND_COUNTER, name, help, labels)->as.counter;
}

struct stats_gauge *stats_gauge(const char *name, const char *help, const char *labels)
{
	return &find_or_add(KIND_GAUGE, name, help, labels)->as.gauge;
}

struct stats_hist *stats_hist(const char *name, const char *help, const char *labels)
{
	return &find_or_add(KIND_HIST, name, help, labels)->as.hist;
}

/* Appends text at n as far as it fits before end; returns the new length. */
static size_t put(char *out, size_t n, size_t end, const char *text)
{
	while (*text && n < end)
		out[n++] = *text++;
	return n;
}

/* As put, for the value of a label: escapes quotes and backslashes and replaces control characters by "_". */
static size_t put_value(char *out, size_t n, size_t end, const char *value)
{
	for (; *value && n + 2 <= end; value++) {
		unsigned char c = (unsigned char)*value;

		if (c == '"' || c == '\\')
			out[n++] = '\\';
		out[n++] = c < 0x20 || c == 0x7f ? '_' : (char)c;
	}
	return n;
}

struct stats_labels stats_label(const struct stats_labels *before, const char *label, const char *value)
{
	struct stats_labels l;
	size_t end = sizeof(l.text) - 2, n = 0; /* the quote and the NUL always fit behind it */

	if (before) {
		n = put(l.text, n, end, before->text);
		n = put(l.text, n, end, ",");
	}
	n = put(l.text, n, end, label);
	if (value) {
		n = put(l.text, n, end, "=\"");
		n = put_value(l.text, n, end, value);
		l.text[n++] = '"';
	}
	l.text[n] = 0;
	return l;
}

struct stats_family stats_family(const char *name, const char *help, const char *label, const char *const *names,
                                 size_t n)
{
	struct stats_family f;

	for (size_t i = 0; i < STATS_FAMILY_MAX; i++) {
		f.of[i] = &sink.as.counter;
		if (i < n && names[i]) {
			const struct stats_labels labels = stats_label(NULL, label, names[i]);

			f.of[i] = stats_counter(name, help, labels.text);
		}
	}
	return f;
}

void stats_inc(struct stats_counter *c)
{
	c->value++;
}

void stats_add(struct stats_counter *c, uint64_t n)
{
	c->value += n;
}

uint64_t stats_value(const struct stats_counter *c)
{
	return c->value;
}

void stats_set(struct stats_gauge *g, double v)
{
	g->value = v;
}

void stats_observe_us(struct stats_hist *h, int64_t us)
{
	size_t i = 0;

	while (i < BOUNDS && us > bounds_us[i])
		i++;
	h->buckets[i]++;
	h->count++;
	h->sum_us += us;
}

static enum err render_hist(const struct series *s, struct buf *out)
{
	const struct stats_hist *h = &s->as.hist;
	const char *comma = s->labels[0] ? "," : "";
	uint64_t sum = 0;
	enum err err = ERR_OK;

	for (size_t i = 0; i <= BOUNDS && !err; i++) {
		sum += h->buckets[i];
		err = buf_printf(out, "%s_bucket{%s%sle=\"%s\"} %" PRIu64 "\n", s->name, s->labels, comma,
		                 i < BOUNDS ? bound_names[i] : "+Inf", sum);
	}
	const char *open = s->labels[0] ? "{" : "", *close = s->labels[0] ? "}" : "";
	if (!err)
		err = buf_printf(out, "%s_sum%s%s%s %.6f\n", s->name, open, s->labels, close, (double)h->sum_us / 1e6);
	if (!err)
		err = buf_printf(out, "%s_count%s%s%s %" PRIu64 "\n", s->name, open, s->labels, close, h->count);
	return err;
}

static enum err render_series(const struct series *s, struct buf *out)
{
	const char *open = s->labels[0] ? "{" : "", *close = s->labels[0] ? "}" : "";

	switch (s->kind) {
	case KIND_COUNTER:
		return buf_printf(out, "%s%s%s%s %" PRIu64 "\n", s->name, open, s->labels, close, s->as.counter.value);
	case KIND_GAUGE:
		return buf_printf(out, "%s%s%s%s %.9g\n", s->name, open, s->labels, close, s->as.gauge.value);
	case KIND_HIST:
		break;
	}
	return render_hist(s, out);
}

enum err stats_render(struct buf *out)
{
	static const char *const types[] = { "counter", "gauge", "histogram" };
	enum err err = ERR_OK;

	for (size_t i = 0; i < count && !err; i++) {
		const struct series *s = all[i];

		if (i == 0 || strcmp(all[i - 1]->name, s->name) != 0)
			err =
			    buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", s->name, s->help, s->name, types[s->kind]);
		if (!err)
			err = render_series(s, out);
	}
	return err;
}

void stats_clear(void)
{
	for (size_t i = 0; i < count; i++) {
		free(all[i]->labels);
		free(all[i]);
	}
	free(all);
	all = NULL;
	count = size = 0;
}
