/*
 * submit: puts a message's text together and hands it to the SMSCs.
 * Owns the clear text for the length of a call, and wipes it.
 */
#include "submit.h"

#include "base/pause.h"
#include "flow/news/path.h"

int64_t submit_left_ms(const struct deliver_uses *u, const struct deliver_item *item)
{
	int64_t left = item->hard_end_ms - store_now_ms(u->store);

	return left < item->ttl_ms ? left : item->ttl_ms;
}

/* A further try goes to another SMSC, if there is one that could take it. */
uint32_t submit_avoids(const struct deliver_uses *u, const struct deliver_item *item)
{
	uint32_t avoid = item->attempts.avoid, both = avoid | item->disliked;

	return item->disliked && smpp_usable(u->smpp, item->route, both) ? both : avoid;
}

enum err submit_item(const struct deliver_uses *u, struct deliver_item *item, int64_t left_ms,
                     const struct submit_listener *listener)
{
	char text[TEXT_FILLED_CAP + 64];
	unsigned minutes = (unsigned)(left_ms / 60000), smsc;
	enum err err =
	    text_render(item->payload.text, item->payload.code.text, minutes ? minutes : 1, text, sizeof(text));

	if (err)
		return err;
	pause_point("c2");
	const struct smpp_message m = { .to = &item->payload.number,
		                        .sender = item->payload.sender,
		                        .text = text,
		                        .validity_s = (uint32_t)(left_ms / 1000),
		                        .avoid = submit_avoids(u, item),
		                        .id = &item->id,
		                        .late = listener->late,
		                        .keep = u->opts->ambiguous == FLOW_WAIT };
	err = smpp_submit(u->smpp, &m, listener->fn, item, &smsc);
	secret_wipe(text, sizeof(text));
	if (!err)
		path_step(&item->id, "submitted", "smsc=%s attempt=%u", smpp_smsc_name(u->smpp, smsc),
		          item->attempts.count + 1U);
	return err;
}
