/*
 * check_address: compares the hosts of the configuration with IPAddressAllow= and IPAddressDeny= of the service unit.
 * Owns nothing. Must never ask a name server when the service manager started the process, because a reload would wait
 * for it.
 */
#include "check_address.h"

#include "conf/host.h"
#include "unit.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SERVICE_UNIT "otpgwd.service"
#define VALUE_CAP 65536

struct filter {
	struct buf allow, deny;
	struct buf *out;
};

static const void *address_of(const struct sockaddr *sa)
{
	if (sa->sa_family == AF_INET6)
		return &((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr;
	return &((const struct sockaddr_in *)(const void *)sa)->sin_addr;
}

/* True if at least one address of the list is allowed. text becomes the last address that was tried. */
static bool any_reached(const struct filter *f, const struct addrinfo *list, char text[INET6_ADDRSTRLEN])
{
	for (const struct addrinfo *a = list; a; a = a->ai_next) {
		if (a->ai_family != AF_INET && a->ai_family != AF_INET6)
			continue;
		inet_ntop(a->ai_family, address_of(a->ai_addr), text, INET6_ADDRSTRLEN);
		if (unit_reaches((const char *)buf_data(&f->allow), (const char *)buf_data(&f->deny), a->ai_family,
		                 address_of(a->ai_addr)))
			return true;
	}
	return false;
}

static enum err check_host(const struct filter *f, const char *who, const char *name, const char *host)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *list = NULL;
	char text[INET6_ADDRSTRLEN] = "";
	enum err err = ERR_OK;

	/* INVOCATION_ID is set by the service manager. Its reload must not wait for a name server. */
	if (getenv("INVOCATION_ID"))
		hints.ai_flags = AI_NUMERICHOST;
	int failed = getaddrinfo(host, NULL, &hints, &list);
	if (failed && !hints.ai_flags)
		return buf_printf(f->out, "warning: %s%s: %s has no address: %s\n", who, name, host,
		                  gai_strerror(failed));
	if (failed)
		return ERR_OK;
	if (!any_reached(f, list, text) && text[0])
		err = buf_printf(f->out,
		                 "warning: %s%s: %s is outside the addresses that " SERVICE_UNIT " may reach: "
		                 "systemctl edit otpgwd, and there [Service] and IPAddressAllow=%s\n",
		                 who, name, host, text);
	freeaddrinfo(list);
	return err;
}

static enum err check_smscs(const struct conf *c, const struct filter *f)
{
	enum err err = ERR_OK;

	for (size_t i = 0; i < c->smpp.smsc_count; i++)
		for (size_t k = 0; k < c->smpp.smscs[i].host_count && !err; k++)
			err = check_host(f, "smsc ", c->smpp.smscs[i].name, c->smpp.smscs[i].hosts[k].host);
	return err;
}

static enum err check_redis(const struct conf *c, const struct filter *f)
{
	enum err err = c->store.host[0] ? check_host(f, "redis", "", c->store.host) : ERR_OK;

	for (size_t i = 0; i < c->store.node_count && !err; i++) {
		char host[256];
		const char *at;
		size_t len;
		uint16_t port;

		if (!conf_address_read(c->store.nodes[i], &at, &len, &port))
			continue;
		snprintf(host, sizeof(host), "%.*s", (int)len, at);
		err = check_host(f, "redis", "", host);
	}
	return err;
}

/* Reads a value of the service unit as a string, which is "" if it has no word. */
static enum err read_value(const char *root, const char *key, struct buf *value)
{
	enum err err = unit_value(root, SERVICE_UNIT, "Service", key, value);

	return err ? err : buf_append(value, "", 1);
}

enum err check_addresses(const struct conf *c, const char *root, struct buf *out)
{
	struct filter f = { .out = out };

	buf_init(&f.allow, VALUE_CAP);
	buf_init(&f.deny, VALUE_CAP);
	enum err err = read_value(root, "IPAddressAllow", &f.allow);
	if (!err)
		err = read_value(root, "IPAddressDeny", &f.deny);
	if (!err)
		err = check_smscs(c, &f);
	if (!err)
		err = check_redis(c, &f);
	buf_clear(&f.allow);
	buf_clear(&f.deny);
	return err == ERR_NOTFOUND ? ERR_OK : err;
}
