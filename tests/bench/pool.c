/*
 * pool: the gateway's SMPP room alone, without Redis: one bind, submits as long as there is room.
 * usage: pool PORT SYSTEM_ID PASSWORD COUNT WINDOW. Prints one JSON line like flood.
 */
#include "base/clock.h"
#include "base/log.h"
#include "base/resolve.h"
#include "base/secret.h"
#include "smpp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

struct run {
	struct loop *loop;
	struct smpp *smpp;
	unsigned count, sent, answered, failed;
	int64_t start_us;
	struct msisdn to;
};

static void pump(void *arg);

static void on_result(void *arg, const struct smpp_result *r)
{
	struct run *run = arg;

	run->answered++;
	run->failed += r->outcome != SMPP_ACCEPTED;
	if (run->answered == run->count)
		loop_stop(run->loop);
	pump(run);
}

static void pump(void *arg)
{
	struct run *run = arg;
	const struct smpp_message m = {
		.to = &run->to,
		.text = "OTP Gateway: kode Anda 123456. Berlaku 5 menit. JANGAN berikan kepada siapa pun.",
		.validity_s = 300
	};
	const struct smpp_ask ask = { .to = &run->to, .left_ms = INT64_MAX };
	struct smpp_choice choice;

	if (!run->start_us && smpp_bound(run->smpp))
		run->start_us = clock_mono_us();
	while (run->sent < run->count && smpp_choose(run->smpp, 0, &ask, &choice) == ERR_OK) {
		if (smpp_submit(run->smpp, &choice, &m, on_result, run) != ERR_OK)
			return;
		run->sent++;
	}
}

static void on_receipt(void *arg, const struct smpp_receipt *receipt)
{
	struct run *run = arg;

	smpp_receipt_done(run->smpp, receipt->token, true);
}

int main(int argc, char **argv)
{
	struct run run = { .loop = loop_new() };
	struct secret *password = NULL;
	const char *const names[] = { "bench" };
	const struct smpp_listener listener = {
		.arg = &run, .on_room = pump, .on_receipt = on_receipt, .on_state = pump
	};

	if (argc != 6 || secret_setup() != ERR_OK || secret_new(argv[3], strlen(argv[3]), &password) != ERR_OK)
		return 2;
	log_set_level(LOG_LEVEL_ERROR);
	run.count = (unsigned)atoi(argv[4]);
	snprintf(run.to.digits, sizeof(run.to.digits), "628121234567");
	const struct smpp_endpoint host = { "127.0.0.1", (uint16_t)atoi(argv[1]) };
	const struct smpp_smsc_opts smsc = { .name = "bench",
		                             .hosts = &host,
		                             .host_count = 1,
		                             .binds = 1,
		                             .system_id = argv[2],
		                             .system_type = "",
		                             .password = password,
		                             .sender = "OTP",
		                             .service_type = "",
		                             .rate = 1e6,
		                             .window = (uint32_t)atoi(argv[5]),
		                             .validity = SMPP_VALIDITY_RELATIVE,
		                             .connect_timeout_ms = 5000,
		                             .bind_timeout_ms = 5000,
		                             .response_timeout_ms = 10000,
		                             .enquire_interval_ms = 30000,
		                             .enquire_timeout_ms = 10000,
		                             .inactivity_ms = 90000,
		                             .pdu_timeout_ms = 10000,
		                             .reconnect_min_ms = 1000,
		                             .reconnect_max_ms = 60000,
		                             .throttle_pause_ms = 1000 };
	const struct smpp_route_opts route = { .prefix = "", .smscs = names, .smsc_count = 1 };
	const struct smpp_opts opts = { &smsc, 1, &route, 1 };
	struct resolver *resolver = resolver_new(run.loop, NULL);
	if (smpp_new(run.loop, resolver, &opts, &listener, &run.smpp) != ERR_OK)
		return 1;
	smpp_start(run.smpp);
	loop_run(run.loop);
	double seconds = (double)(clock_mono_us() - run.start_us) / 1e6;
	struct rusage ru;
	getrusage(RUSAGE_SELF, &ru);
	printf("{\"submits\": %u, \"failed\": %u, \"seconds\": %.4f, \"cpu\": %.4f}\n", run.answered, run.failed,
	       seconds,
	       (double)ru.ru_utime.tv_sec + (double)ru.ru_stime.tv_sec +
	           (double)(ru.ru_utime.tv_usec + ru.ru_stime.tv_usec) / 1e6);
	smpp_free(run.smpp);
	resolver_free(resolver);
	loop_free(run.loop);
	secret_free(password);
	return run.failed ? 1 : 0;
}
