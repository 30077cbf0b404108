/*
 * admit: limits how many requests may be in progress at once, learned from the time that answers take, and computes a
 * fair share of a limit. Pure; the caller passes the time.
 */
#ifndef OTP_ADMIT_H
#define OTP_ADMIT_H

#include <stdbool.h>
#include <stdint.h>

struct admit_opts {
	uint32_t floor, ceiling; /* bounds of the limit; 1 <= floor <= ceiling */
	uint32_t start;          /* the first limit; moved into floor..ceiling if it is outside */
	uint32_t target_ms;      /* an answer within this time never lowers the limit */
};

/*
 * A burst causes a queue that empties again, while overload causes one that stays. Therefore the quickest answer of
 * each tenth of a second decides. If it took longer than both target_ms and four times the quickest answer known, in
 * two intervals in a row, the limit falls in proportion, at most by half. If it did not, and requests were refused, the
 * limit grows by a 64th. As long as no interval was too slow, it grows by a quarter. If less than half of the limit was
 * used, the limit did not cause the queue and does not fall.
 */
struct admit {
	struct admit_opts opts;
	double limit;
	uint32_t open;    /* requests in progress */
	int64_t quick_us; /* quickest answer of this interval; 0: none yet */
	int64_t base_us;  /* the quickest answer known, which waited in no queue; 0: unknown */
	int64_t interval_end_us;
	bool refused;       /* a request was refused in this interval */
	bool over;          /* the quickest answer of the last interval took too long */
	bool learnt;        /* over was true at least once */
	uint32_t most_open; /* most requests in progress at once in this interval */
};

void admit_init(struct admit *a, const struct admit_opts *opts, int64_t now_us);
void admit_set(struct admit *a, const struct admit_opts *opts); /* new bounds; what was learned stays */

/* Counts one more request, whether there is room or not. Each needs one admit_leave. */
void admit_enter(struct admit *a);
void admit_leave(struct admit *a);
/* Records that a request was refused because no place or no share was left. The limit may be too low then. */
void admit_press(struct admit *a);

/* Records an answer and the time that it took. */
void admit_answered(struct admit *a, int64_t took_us, int64_t now_us);

uint32_t admit_limit(const struct admit *a);
double admit_free(const struct admit *a); /* places left below the limit; never negative */

/*
 * True if one more request is fair while `free` places are left. A group (a tenant) may hold four times what is free. A
 * member of it (a connection) may hold twice what the group may still take. The last place of a group is for a member
 * that holds none. A group that floods thus leaves places for the others, and the number of groups need not be known
 * (this is the dynamic threshold of Choudhury and Hahne).
 */
bool admit_fair(double free, double held_by_group, double held_by_member);

/*
 * True if a group holds so little that one more request is fair even with nothing free. After the limit has fallen,
 * only the groups that filled the former limit have to wait.
 */
bool admit_modest(const struct admit *a, double held_by_group);

#endif
