/*
 * err: the error codes of all functions. An expected refusal, such as a wrong code or a limit, is not an error. Each
 * operation has an outcome enum of its own for those.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

enum err {
	ERR_OK = 0,
	ERR_INVALID,     /* malformed input from the caller or a peer */
	ERR_TOOBIG,      /* over a stated limit */
	ERR_NOMEM,       /* no memory, or a table of fixed size is full */
	ERR_IO,          /* a system call failed; errno has the cause */
	ERR_CLOSED,      /* the peer closed the connection */
	ERR_TIMEOUT,     /* the peer did not answer in time */
	ERR_UNAVAILABLE, /* a needed service is not reachable */
	ERR_BUSY,        /* no room now, or in use; try again later */
	ERR_NOTFOUND,    /* no such thing */
	ERR_DENIED,      /* not allowed */
	ERR_CORRUPT,     /* stored data is not as this daemon wrote it */
	ERR_INTERNAL     /* an invariant of the daemon does not hold */
};

/* Marks a function whose result must be checked. */
#define ERR_CHECKED __attribute__((warn_unused_result))

/* Returns the lower-case name of err ("unavailable"); never NULL, static. */
const char *err_name(enum err err);

/*
 * Converts the errno of a file that could not be opened, made or bound. ERR_INVALID: only another path helps (ENOENT,
 * ENOTDIR, EISDIR, ELOOP, ENAMETOOLONG; ENXIO, which means a socket). ERR_DENIED: EACCES, EPERM, EROFS. ERR_NOMEM. Any
 * other: ERR_IO.
 */
enum err err_of_path(int number);

#endif
