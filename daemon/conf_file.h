/*
 * conf_file: a file that the configuration names, and where it does.
 */
#ifndef DAEMON_CONF_FILE_H
#define DAEMON_CONF_FILE_H

struct conf_file {
	const char *name; /* an absolute path, or a name in the credentials directory; "" none */
	const char *at;   /* "FILE:LINE: KEY", for faults */
};

#endif
