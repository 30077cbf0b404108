/*
 * bucket: a token bucket, which limits a rate and allows bursts up to its depth. Pure; the caller passes the time, in
 * ms of a clock that never goes back.
 */
#ifndef BASE_BUCKET_H
#define BASE_BUCKET_H

#include <stdbool.h>
#include <stdint.h>

struct bucket {
	double rate;  /* tokens per second; 0: no limit */
	double depth; /* most tokens held, at least 1 */
	double tokens;
	int64_t at_ms; /* the time for which tokens was computed */
};

/* Starts full. rate: tokens per second; 0: no limit. depth below 1 counts as 1. */
void bucket_init(struct bucket *b, double rate, double depth, int64_t now_ms);

/* Changes the rate and depth; keeps the tokens held, capped by the new depth. */
void bucket_set(struct bucket *b, double rate, double depth, int64_t now_ms);

/* Takes n tokens and returns true. If there are fewer, it takes none and returns false. */
bool bucket_take(struct bucket *b, double n, int64_t now_ms);

/* Milliseconds until n tokens are available; 0: now. */
int64_t bucket_wait_ms(struct bucket *b, double n, int64_t now_ms);

#endif
