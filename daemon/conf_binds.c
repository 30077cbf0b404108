/*
 * conf_binds: where an SMSC is, with how many binds of which kind, and TLS. Checks what the pool takes for granted:
 * one way to name hosts, addresses that can be read, a key beside each certificate.
 */
#include "conf_fill.h"
#include "conf_host.h"

#include "base/log.h"

#include <libconfig.h>
#include <string.h>

/* "host:port" or "[v6]:port" into an endpoint. */
static bool read_address(struct conf_tree *t, const char *s, struct smpp_endpoint *out)
{
	const char *at;
	size_t len;
	uint16_t port;

	if (!conf_address_read(s, &at, &len, &port))
		return false;
	char *host = conf_alloc(t, len + 1, 1);
	if (host)
		memcpy(host, at, len);
	*out = (struct smpp_endpoint){ .host = host ? host : "", .port = port };
	return true;
}

static void fill_hosts(struct conf_tree *t, const config_setting_t *g, struct smpp_smsc_opts *o)
{
	const char *host = conf_str(t, g, "smsc.host"), **names;
	size_t n = conf_strings(t, g, "smsc.hosts", &names);
	struct smpp_endpoint *hosts = conf_alloc(t, n ? n : 1, sizeof(*hosts));

	if (!hosts)
		return;
	if (n > SMPP_HOSTS_MAX)
		conf_fault(t, g, "hosts", "found %zu, allowed at most %d", n, SMPP_HOSTS_MAX);
	if (n && host[0])
		conf_fault(t, g, "hosts", "found a list beside host, allowed one of them");
	else if (!n && !host[0])
		conf_fault(t, g, "host", "found nothing, allowed text of 1..255 octets (host or address), or hosts");
	else if (!n && !conf_host_ok(host))
		conf_fault(t, g, "host", "found \"%s\", allowed " CONF_HOST_ALLOWED "; the port is smsc.port", host);
	hosts[0] = (struct smpp_endpoint){ .host = host, .port = (uint16_t)conf_int(g, "smsc.port") };
	for (size_t i = 0; i < n; i++)
		if (!read_address(t, names[i], &hosts[i]))
			conf_fault(t, g, "hosts", "found \"%s\", allowed " CONF_ADDRESS_ALLOWED, names[i]);
	o->hosts = hosts;
	o->host_count = n ? n : 1;
}

static void fill_tls(struct conf_tree *t, const config_setting_t *smsc, struct smpp_tls_opts *o,
                     struct conf_file *key_file)
{
	const config_setting_t *g = config_setting_get_member(smsc, "tls");

	*key_file = (struct conf_file){ .name = "", .at = "" };
	if (!g || !config_setting_is_group(g))
		return;
	o->on = true;
	o->ca = conf_str(t, g, "smsc.tls.ca");
	o->server_name = conf_str(t, g, "smsc.tls.server_name");
	o->certificate = conf_str(t, g, "smsc.tls.certificate");
	*key_file = conf_named_file(t, g, "smsc.tls.key_file");
	if (o->server_name[0] && !conf_host_ok(o->server_name))
		conf_fault(t, g, "server_name", "found \"%s\", allowed " CONF_HOST_ALLOWED, o->server_name);
	if (!o->certificate[0] != !key_file->name[0])
		conf_fault(t, g, o->certificate[0] ? "key_file" : "certificate",
		           "found nothing beside %s, allowed both or none",
		           o->certificate[0] ? "certificate" : "key_file");
}

void conf_fill_binds(struct conf_tree *t, const config_setting_t *g, struct smpp_smsc_opts *o,
                     struct conf_file *key_file)
{
	fill_hosts(t, g, o);
	o->binds = conf_u32(g, "smsc.binds");
	o->bind_type = (enum smpp_bind_type)conf_choice(g, "smsc.type"); /* in the order of the words */
	o->system_id = conf_str(t, g, "smsc.system_id");
	o->system_type = conf_str(t, g, "smsc.system_type");
	o->address_range = conf_str(t, g, "smsc.address_range");
	o->addr_ton = (uint8_t)conf_int(g, "smsc.addr_ton");
	if (strlen(o->system_id) > 15)
		log_warn("conf",
		         "system_id_long file=%s line=%u smsc=%s the standard ends a system_id at 15 characters, this "
		         "has 16: an SMSC may refuse it",
		         t->file, config_setting_source_line(g), conf_str(t, g, "smsc.name"));
	fill_tls(t, g, &o->tls, key_file);
}
