/*
 * err: the one vocabulary of failures.
 * An expected refusal (a wrong code, a limit) is not an error: it is the outcome enum of the flow that gave it.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

enum err {
	ERR_OK = 0,
	ERR_INVALID,     /* malformed input: the caller's or a peer's fault */
	ERR_TOOBIG,      /* over a stated limit */
	ERR_NOMEM,       /* memory, or a bounded table, is used up */
	ERR_IO,          /* a system call failed; errno tells */
	ERR_CLOSED,      /* the peer closed */
	ERR_TIMEOUT,     /* the peer did not answer in time */
	ERR_UNAVAILABLE, /* the party we need is away */
	ERR_BUSY,        /* no room now; try again when told */
	ERR_NOTFOUND,    /* no such thing */
	ERR_DENIED,      /* not allowed */
	ERR_CORRUPT,     /* data of ours that does not read as written */
	ERR_INTERNAL     /* a promise inside the daemon was broken */
};

/* Marks a function whose result must be looked at. */
#define ERR_CHECKED __attribute__((warn_unused_result))

/* Returns the lower-case name of err ("unavailable"); never NULL, static. */
const char *err_name(enum err err);

/*
 * What an errno means for a file that could not be opened, made or bound: ERR_INVALID if only another path helps
 * (ENOENT, ENOTDIR, EISDIR, ELOOP, ENAMETOOLONG, ENXIO: a socket), ERR_DENIED (EACCES, EPERM, EROFS), ERR_NOMEM, or
 * else ERR_IO.
 */
enum err err_of_path(int number);

#endif
