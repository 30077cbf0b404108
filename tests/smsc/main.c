/*
 * smsc: a simulated SMSC for tests and the demo. One process, one epoll loop; it keeps an account of what it saw, and
 * makes faults by option and by destination (smsc --help lists both).
 */
#include "smsc.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static _Noreturn void die(const char *what)
{
	perror(what);
	exit(1);
}

static uint64_t clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void write_port(const char *path, unsigned port)
{
	char fresh[4096];
	FILE *to;

	if (!path)
		return;
	snprintf(fresh, sizeof(fresh), "%s.new", path);
	to = fopen(fresh, "w");
	if (!to)
		die(path);
	fprintf(to, "%u\n", port);
	if (fclose(to) != 0 || rename(fresh, path) != 0)
		die(path);
}

static void listen_on(struct smsc *smsc)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)smsc->options.port) };
	struct sockaddr *any = (struct sockaddr *)&address;
	socklen_t len = sizeof(address);
	int one = 1;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	smsc->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (smsc->listener < 0)
		die("socket");
	setsockopt(smsc->listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(smsc->listener, any, len) || listen(smsc->listener, 64) || getsockname(smsc->listener, any, &len))
		die("listen");
	if (!smsc->options.quiet)
		fprintf(stderr, "smsc: listening on 127.0.0.1:%u\n", ntohs(address.sin_port));
	write_port(smsc->options.port_file, ntohs(address.sin_port));
}

static void watch(struct smsc *smsc, int *fd)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = fd };

	if (epoll_ctl(smsc->epoll, EPOLL_CTL_ADD, *fd, &event))
		die("epoll");
}

static void prepare(struct smsc *smsc)
{
	const char *phone = smsc->options.phone;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	smsc->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	smsc->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (smsc->signals < 0 || smsc->epoll < 0)
		die("epoll");
	if (phone) {
		smsc->phone = strcmp(phone, "-") == 0 ? stdout : fopen(phone, "a");
		if (!smsc->phone)
			die(phone);
	}
	/* Ids of two lives of the simulator must differ, as a telco's do. */
	smsc->message_id = (uint64_t)time(NULL) << 20 | (uint64_t)(getpid() & 0xF) << 16;
	listen_on(smsc);
	watch(smsc, &smsc->listener);
	watch(smsc, &smsc->signals);
}

static void take_signal(struct smsc *smsc)
{
	struct signalfd_siginfo info;

	while (read(smsc->signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo == SIGUSR1)
			account_write(&smsc->account, smsc->options.account);
		else if (info.ssi_signo == SIGHUP)
			for (struct conn *c = smsc->conns; c; c = c->next)
				c->closing = true;
		else
			smsc->stop = true;
	}
}

static void take_event(struct smsc *smsc, const struct epoll_event *event)
{
	struct conn *conn = event->data.ptr;

	if (event->data.ptr == &smsc->listener)
		conn_accept(smsc);
	else if (event->data.ptr == &smsc->signals)
		take_signal(smsc);
	else if (!conn->closing && (event->events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
		conn_read(smsc, conn);
}

/* The phone rings before the response leaves: a test that saw the response finds the SMS. */
static int settle(struct smsc *smsc)
{
	int wait_ms = later_run(smsc);

	if (smsc->phone)
		fflush(smsc->phone);
	for (struct conn *c = smsc->conns; c; c = c->next)
		conn_flush(smsc, c);
	return conn_sweep(smsc) ? 0 : wait_ms;
}

int main(int argc, char **argv)
{
	static struct smsc smsc;
	struct epoll_event events[64];
	int wait_ms = -1;

	options_read(&smsc.options, argc, argv);
	prepare(&smsc);
	smsc.now_ms = smsc.tokens_at_ms = clock_ms();
	while (!smsc.stop) {
		int n = epoll_wait(smsc.epoll, events, 64, wait_ms);

		smsc.now_ms = clock_ms();
		for (int i = 0; i < n; i++)
			take_event(&smsc, &events[i]);
		wait_ms = settle(&smsc);
	}
	account_write(&smsc.account, smsc.options.account);
	for (struct conn *c = smsc.conns; c; c = c->next)
		c->closing = true;
	conn_sweep(&smsc);
	return 0;
}
