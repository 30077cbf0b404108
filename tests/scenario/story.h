/*
 * story: what was seen while a story runs, against what its lines say. One story for each process.
 */
#ifndef SCENARIO_STORY_H
#define SCENARIO_STORY_H

#include <stdbool.h>
#include <stddef.h>

/* Runs the story of this file. Ends the process with status 1, and tells file and line, if it is not as it says. */
void story_run(const char *path);

/* The story cannot go on: tells its file and line, and ends the process with status 1. */
void story_fail(const char *fmt, ...) __attribute__((format(printf, 1, 2), noreturn));

/* Between mute and hear what happens is not seen: a process that dies. */
void story_mute(bool mute);

#endif
