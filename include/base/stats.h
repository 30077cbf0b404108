/*
 * stats: counters, gauges and histograms in one registry per process, which owns every series. To be used by one thread
 * only. Names follow Prometheus: otpgwd_<what>_total for counters, _seconds for histograms.
 */
#ifndef BASE_STATS_H
#define BASE_STATS_H

#include "base/buf.h"

#include <stddef.h>
#include <stdint.h>

struct stats_counter;
struct stats_gauge;
struct stats_hist;

/*
 * Registers (or finds again) a metric. name, help: static strings. labels: NULL or Prometheus label text without
 * braces, e.g. smsc="tsel",class="accepted"; copied. All series of a name share help. Never returns NULL: without
 * memory it returns a shared series that is not exported.
 */
struct stats_counter *stats_counter(const char *name, const char *help, const char *labels);
struct stats_gauge *stats_gauge(const char *name, const char *help, const char *labels);

/*
 * Builds the label text of a series: the labels of before (NULL: none), then label="value" with the value escaped.
 * value NULL: the label is left without a value, as stats_family needs it. A text that does not fit is cut.
 */
#define STATS_LABELS_CAP 192
struct stats_labels {
	char text[STATS_LABELS_CAP];
};
struct stats_labels stats_label(const struct stats_labels *before, const char *label, const char *value);

/*
 * A family: counters that differ in the value of one label. Registers name{label="names[i]"} at zero for each of n
 * names, or finds it again; of[i] counts for names[i]. If names[i] is NULL, of[i] is the shared series that is not
 * exported. label: the name of the label, or a text of stats_label that ends with a label without a value. The names
 * are copied; n is at most STATS_FAMILY_MAX.
 */
#define STATS_FAMILY_MAX 32
struct stats_family {
	struct stats_counter *of[STATS_FAMILY_MAX];
};
struct stats_family stats_family(const char *name, const char *help, const char *label, const char *const *names,
                                 size_t n);

/*
 * Registers a histogram, or finds it again, as above. Its buckets are 1, 2.5, 5 ms ... 10 s, the same for every
 * histogram.
 */
struct stats_hist *stats_hist(const char *name, const char *help, const char *labels);

void stats_inc(struct stats_counter *c);
void stats_add(struct stats_counter *c, uint64_t n);
uint64_t stats_value(const struct stats_counter *c);
void stats_set(struct stats_gauge *g, double v);
void stats_observe_us(struct stats_hist *h, int64_t us);

/* Appends the whole registry as Prometheus text 0.0.4, sorted by name. Errors as buf_printf. */
enum err stats_render(struct buf *out) ERR_CHECKED;

/* Frees the registry. All pointers returned before become invalid. */
void stats_clear(void);

#endif
