/*
 * submit: makes the text of a message and passes it to the SMSC. Owns the clear text during one call, and wipes it. It
 * must never keep a text or log it.
 */
#include "submit.h"

#include "base/clock.h"
#include "base/invariant.h"
#include "base/pause.h"
#include "flow/news/path.h"

int64_t submit_left_ms(const struct deliver_uses *u, const struct deliver_item *item)
{
	int64_t left = item->hard_end_ms - store_now_ms(u->store);

	return left < item->ttl_ms ? left : item->ttl_ms;
}

static enum err choose(const struct deliver_uses *u, const struct deliver_item *item, size_t waiting,
                       struct smpp_choice *out)
{
	/* A further try goes to another SMSC if there is one that can take it. */
	const struct smpp_ask ask = { .to = &item->payload.number,
		                      .excluded = &item->attempts.excluded,
		                      .avoid_soft = &item->avoid_soft,
		                      .waiting = waiting,
		                      .left_ms = item->entry.deadline_ms - clock_mono_ms() };

	return smpp_choose(u->smpp, item->route, &ask, out);
}

bool submit_takes(const struct deliver_uses *u, int route)
{
	struct smpp_choice choice;

	return smpp_choose(u->smpp, route, &(struct smpp_ask){ .left_ms = INT64_MAX }, &choice) == ERR_OK;
}

enum err submit_item(const struct deliver_uses *u, struct deliver_item *item, int64_t left_ms, size_t waiting,
                     const struct submit_listener *listener)
{
	char text[TEXT_FILLED_CAP + 64];
	unsigned minutes = (unsigned)(left_ms / 60000);
	struct smpp_choice choice;
	enum err err = choose(u, item, waiting, &choice);

	if (!err)
		err =
		    text_render(item->payload.text, item->payload.code.text, minutes ? minutes : 1, text, sizeof(text));
	if (err)
		return err;
	pause_point("c2");
	const struct smpp_message m = { .to = &item->payload.number,
		                        .sender = item->payload.sender,
		                        .text = text,
		                        .validity_s = (uint32_t)(left_ms / 1000),
		                        .id = &item->id,
		                        .late = listener->late,
		                        .keep = u->opts->ambiguous == FLOW_WAIT };
	/* No SMS of a test number reaches an SMSC, whatever way led here. */
	if (!invariant(item->payload.play.outcome == TESTNUMBER_NONE)) {
		secret_wipe(text, sizeof(text));
		return ERR_INVALID;
	}
	err = smpp_submit(u->smpp, &choice, &m, listener->fn, item);
	secret_wipe(text, sizeof(text));
	if (!err)
		path_step(&item->id, "submitted", "smsc=%s attempt=%u", smpp_smsc_name(u->smpp, choice.smsc),
		          item->attempts.count + 1U);
	return err;
}
