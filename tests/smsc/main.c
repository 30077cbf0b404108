/*
 * smsc: a simulated SMSC for tests and the demo. One process, one epoll loop; it keeps an account of what it saw, and
 * makes faults by option and by destination (smsc --help lists both).
 */
#include "smsc.h"

#include "script.h"
#include "tls.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static _Noreturn void die(const char *what)
{
	perror(what);
	exit(1);
}

static void look_at_clock(struct smsc *smsc)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	smsc->now_us = (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
	smsc->now_ms = smsc->now_us / 1000;
}

/* To the microsecond: in milliseconds a delay would be up to one too long, and rates measured against it too low. */
static int await(const struct smsc *smsc, struct epoll_event *events, int max, int64_t wait_us)
{
	struct timespec wait = { .tv_sec = wait_us / 1000000, .tv_nsec = wait_us % 1000000 * 1000 };

	return epoll_pwait2(smsc->epoll, events, max, wait_us < 0 ? NULL : &wait, NULL);
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

static struct sockaddr_in loopback(unsigned port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return address;
}

static void watch(struct smsc *smsc, int *fd)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = fd };

	if (epoll_ctl(smsc->epoll, EPOLL_CTL_ADD, *fd, &event))
		die("epoll");
}

/* A port that is bound and not listened on refuses connections, and stays ours. */
static void open_port(struct smsc *smsc)
{
	struct sockaddr_in address = loopback(smsc->port);
	struct sockaddr *any = (struct sockaddr *)&address;
	socklen_t len = sizeof(address);
	int one = 1;

	smsc->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (smsc->listener < 0)
		die("socket");
	setsockopt(smsc->listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(smsc->listener, any, len) || getsockname(smsc->listener, any, &len))
		die("listen");
	smsc->port = ntohs(address.sin_port);
	smsc->listening = smsc->options.connect != CONNECT_REFUSE;
	if (!smsc->listening)
		return;
	if (listen(smsc->listener, 64))
		die("listen");
	watch(smsc, &smsc->listener);
}

/* Microseconds until a port that refuses listens again; -1: nothing to wait for. */
static int64_t reopen_port(struct smsc *smsc)
{
	struct options *o = &smsc->options;

	if (!smsc->listening && o->refuse_ms && smsc->now_ms >= smsc->refused_at_ms + o->refuse_ms)
		o->connect = CONNECT_TAKE;
	if (smsc->listening != (o->connect != CONNECT_REFUSE)) {
		close(smsc->listener);
		open_port(smsc);
		smsc->refused_at_ms = smsc->now_ms;
	}
	if (smsc->listening || !o->refuse_ms)
		return -1;
	return (int64_t)(smsc->refused_at_ms + o->refuse_ms - smsc->now_ms) * 1000;
}

static int64_t sooner(int64_t a, int64_t b)
{
	return a < 0 || (b >= 0 && b < a) ? b : a;
}

static void prepare(struct smsc *smsc)
{
	const char *phone = smsc->options.phone;
	sigset_t set;

	prctl(PR_SET_TIMERSLACK, 1UL);
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
		/* A kill leaves no half of an SMS. */
		setvbuf(smsc->phone, NULL, _IOLBF, 0);
	}
	/* Ids of two lives of the simulator must differ, as a telco's do. */
	smsc->message_id = (uint64_t)time(NULL) << 20 | (uint64_t)(getpid() & 0xF) << 16;
	smsc->port = (unsigned)smsc->options.port;
	smsc->random = smsc->options.seed;
	if (smsc->options.tls_cert)
		smsc->tls = tls_open(smsc->options.tls_cert, smsc->options.tls_key, smsc->options.tls_client_ca);
	watch(smsc, &smsc->signals);
	open_port(smsc);
	phones_open(smsc);
	if (!smsc->options.quiet)
		fprintf(stderr, "smsc: listening on 127.0.0.1:%u\n", smsc->port);
	write_port(smsc->options.port_file, smsc->port);
}

/* The SMSC calls: a client that waits for it binds on this very connection. */
static void outbind(struct smsc *smsc)
{
	struct sockaddr_in address;
	struct conn *conn;
	size_t begin;
	int fd;

	if (!smsc->options.outbind)
		return;
	address = loopback((unsigned)strtoul(smsc->options.outbind, NULL, 10));
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)))
		die("outbind");
	conn = conns_add(smsc, fd);
	begin = out_begin(&conn->out, CMD_OUTBIND, 0, ++conn->sequence_out);
	out_cstring(&conn->out, "SMSC");
	out_cstring(&conn->out, "secret");
	out_end(&conn->out, begin);
}

static void write_account(struct smsc *smsc)
{
	uint64_t within = smsc->options.answer_within_ms, before = smsc->now_ms > within ? smsc->now_ms - within : 0;

	for (struct conn *c = smsc->conns; c; c = c->next)
		for (uint64_t n = asked_overdue(&c->asked, before); n; n--)
			conns_blame(smsc, BREACH_RESPONSE_MISSING);
	account_write(&smsc->account, smsc->options.account);
}

static void take_signal(struct smsc *smsc)
{
	struct signalfd_siginfo info;

	while (read(smsc->signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo == SIGUSR1)
			write_account(smsc);
		else if (info.ssi_signo == SIGHUP)
			for (struct conn *c = smsc->conns; c; c = c->next)
				c->closing = true;
		else
			smsc->stop = true;
	}
}

static void take_call(struct smsc *smsc)
{
	int fd = accept4(smsc->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd >= 0)
		conn_accept(smsc, fd);
}

static void take_event(struct smsc *smsc, const struct epoll_event *event)
{
	struct conn *conn = event->data.ptr;

	if (event->data.ptr == &smsc->listener)
		take_call(smsc);
	else if (event->data.ptr == &smsc->signals)
		take_signal(smsc);
	else if (phones_take(smsc, event->data.ptr))
		return;
	else if (!conn->closing && (event->events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
		conn_read(smsc, conn);
}

/* Microseconds until the next enquire_link is due; -1: none. */
static int64_t enquire(struct smsc *smsc)
{
	uint64_t every = smsc->options.enquire_ms, next = UINT64_MAX;

	for (struct conn *c = every ? smsc->conns : NULL; c; c = c->next) {
		if (!c->bound || c->silent || c->unbinding)
			continue;
		if (c->enquire_at_ms <= smsc->now_ms) {
			out_end(&c->out, conns_ask(smsc, c, CMD_ENQUIRE, NULL));
			c->enquire_at_ms = smsc->now_ms + every;
		}
		if (c->enquire_at_ms < next)
			next = c->enquire_at_ms;
	}
	return next == UINT64_MAX ? -1 : (int64_t)(next - smsc->now_ms) * 1000;
}

/* The phone rings before the response leaves: a test that saw the response finds the SMS. */
static int64_t settle(struct smsc *smsc)
{
	int64_t wait_us = sooner(later_run(smsc), enquire(smsc));

	wait_us = sooner(wait_us, reopen_port(smsc)); /* before an answer lets the peer try */
	if (smsc->phone)
		fflush(smsc->phone);
	for (struct conn *c = smsc->conns; c; c = c->next)
		conn_flush(smsc, c);
	return conn_sweep(smsc) ? 0 : wait_us;
}

static void more_help(void)
{
	faults_help();
	script_help();
}

int main(int argc, char **argv)
{
	static struct smsc smsc;
	struct epoll_event events[64];
	int64_t wait_us = -1;

	options_read(&smsc.options, argc, argv, more_help);
	script_open(&smsc.options);
	smsc.account.made_name = fault_row_name;
	prepare(&smsc);
	look_at_clock(&smsc);
	smsc.began_ms = smsc.tokens_at_ms = smsc.refused_at_ms = smsc.now_ms;
	outbind(&smsc);
	wait_us = settle(&smsc);
	while (!smsc.stop) {
		int n = await(&smsc, events, 64, wait_us);

		look_at_clock(&smsc);
		for (int i = 0; i < n; i++)
			take_event(&smsc, &events[i]);
		wait_us = settle(&smsc);
	}
	write_account(&smsc);
	for (struct conn *c = smsc.conns; c; c = c->next)
		c->closing = true;
	conn_sweep(&smsc);
	tls_shut(smsc.tls);
	return 0;
}
