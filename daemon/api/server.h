/*
 * server: the state of the api. Private to api.
 */
#ifndef API_SERVER_H
#define API_SERVER_H

#include "api/conn.h"
#include "api/refused.h"
#include "base/bucket.h"
#include "base/listener.h"

struct api_entry {
	const struct api_command *command;
	bool own; /* api answers it: the arg of run is the api, and its errors have the words of Redis */
	struct stats_counter *requests;
};

/* The connections of one uid, for max_clients_per_uid. */
struct api_user {
	LIST_ENTRY(api_user) in_users;
	uid_t uid;
	size_t clients;
};

/* Why a connection is refused at accept. */
enum api_refusal {
	API_REFUSAL_PEER,
	API_REFUSAL_CREDENTIALS,
	API_REFUSAL_DESCRIPTORS,
	API_REFUSAL_TOTAL,
	API_REFUSAL_UID,
	API_REFUSAL_NOMEM,
	API_REFUSAL_COUNT
};

struct api {
	struct api_conn_env env;
	struct api_hooks hooks;
	struct listener *listener;
	struct api_entry *entries; /* every command, those of the hooks first */
	size_t entry_count;
	LIST_HEAD(, api_conn) conns; /* includes closed connections that have open calls */
	size_t clients;
	LIST_HEAD(, api_user) users;
	uint64_t last_id;
	int64_t started_ms, warned_ms;
	struct api_refused refused;
	struct bucket strangers;      /* limits log lines about peers that belong to no tenant */
	struct stats_family refusals; /* indexed by enum api_refusal */
	int fd_end; /* clients get only lower descriptors; the others are kept for Redis, SMSCs and monitoring */
	struct stats_gauge *clients_gauge;
	struct stats_counter *unknown_requests;
	bool draining;
	loop_fn drained;
	void *drained_arg;
	struct loop_task drain_task;
	struct loop_timer *drain_timer;
};

#endif
