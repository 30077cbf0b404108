/*
 * former: looks for the successor, and frees the number when that has ended. Owns nothing.
 */
#include "former.h"

#include "answer.h"

static void on_freed(void *arg, enum err err, bool freed)
{
	struct former *f = arg;

	(void)freed; /* if not, another request did, or the record is gone */
	f->fn(f->arg, err, false, NULL);
}

static void on_found(void *arg, enum err err, const struct successor_rep *rep)
{
	struct former *f = arg;
	struct ident root;
	const struct store_record *record = err ? NULL : rep->record;

	if (err) {
		f->fn(f->arg, err, false, NULL);
		return;
	}
	if (record && store_effective_state(record, store_now_ms(f->u->store)) == LIFECYCLE_PENDING &&
	    successor_root(f->u->keys, record, &root) == ERR_OK) {
		f->fn(f->arg, ERR_OK, true, &root);
		return;
	}
	err = store_freed(f->u->store, &rep->chain[0], on_freed, f);
	if (err)
		f->fn(f->arg, ERR_UNAVAILABLE, false, NULL);
}

enum err former_judge(struct former *f, uint32_t tenant_tag, const struct store_record *record)
{
	f->find = (struct successor){ .fn = on_found, .arg = f };
	return successor_find_from(&f->find, f->u->store, f->u->keys, tenant_tag, record);
}

void former_answer(struct api_call *call, const struct ident *root)
{
	char text[IDENT_TEXT_LEN + 1];
	const struct api_field fields[] = { { "reason", "redirected" }, { "id", text } };

	ident_format(root, text);
	api_reply_error(call, "CONFLICT", fields, 2,
	                "the number of this verification was corrected; OTP.RESEND sends to the new number");
}
