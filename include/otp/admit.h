/*
 * admit: how many requests may be under way at once, learnt from how long their answers take; and what is a fair share
 * of a bound. Pure; the caller tells the time.
 */
#ifndef OTP_ADMIT_H
#define OTP_ADMIT_H

#include <stdbool.h>
#include <stdint.h>

struct admit_opts {
	uint32_t floor, ceiling; /* the limit stays within; 1 <= floor <= ceiling */
	uint32_t start;          /* the limit while nothing has been learnt yet; brought within the two */
	uint32_t target_ms;      /* answers may take so long at any load */
};

/*
 * A burst waits and is over; a standing queue never is. So the quickest answer of each tenth of a second decides: when
 * even it took longer than the target and a few times the quickest known, twice in a row, the limit falls by as much;
 * when it did not, and requests were refused, the limit grows by a 64th; by a quarter as long as no interval ever was
 * over, so that it may start low. A limit that less than half of was used is no cause of the queue, and stays.
 */
struct admit {
	struct admit_opts opts;
	double limit;
	uint32_t open;    /* taken and not yet left */
	int64_t quick_us; /* of this interval; 0: none yet */
	int64_t base_us;  /* the quickest known: what an answer takes that waits for nobody; 0: unknown */
	int64_t interval_end_us;
	bool refused;       /* one was, in this interval */
	bool over;          /* the last interval's quickest took too long */
	bool learnt;        /* some interval's did */
	uint32_t most_open; /* in this interval */
};

void admit_init(struct admit *a, const struct admit_opts *opts, int64_t now_us);
void admit_set(struct admit *a, const struct admit_opts *opts); /* new bounds; what was learnt stays */

/* One more is open, whether there is room or not. It is given back by one admit_leave. */
void admit_enter(struct admit *a);
void admit_leave(struct admit *a);
/* A request was refused for want of room or share: the limit may be too low. */
void admit_press(struct admit *a);

/* An answer came, and took so long. */
void admit_answered(struct admit *a, int64_t took_us, int64_t now_us);

uint32_t admit_limit(const struct admit *a);
double admit_free(const struct admit *a); /* below the limit; never negative */

/*
 * Whether one more is fair, of a bound that has `free` left: a group (a tenant) may hold as much as four times what is
 * free, and one member of it (a connection) twice what the group may still take; the last place of a group is for a
 * member that holds none. So whoever floods leaves room for the others, and nobody must be told how many there are
 * (Choudhury and Hahne's dynamic threshold).
 */
bool admit_fair(double free, double held_by_group, double held_by_member);

/*
 * Whether a group holds so little that one more is fair whatever is free: when the limit has just fallen, those who
 * filled the former one have to wait until it is theirs again, and nobody else.
 */
bool admit_modest(const struct admit *a, double held_by_group);

#endif
