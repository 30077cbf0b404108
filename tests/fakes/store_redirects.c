/*
 * store_redirects: the three steps of a corrected number, and the notes of the fake store. Owns nothing.
 */
#include "store_redirects.h"

#include "saw.h"

#include "base/clock.h"

#include <stdlib.h>
#include <string.h>

#define REDIRECTS_MOST 2

static bool is_mine(const struct fake_record *f, const uint8_t tag[STORE_RESERVE_LEN])
{
	return memcmp(f->reserve, tag, STORE_RESERVE_LEN) == 0;
}

void fake_model_reserve(struct fake_model *m, const struct store_reserve_req *req, struct store_reserve_rep *rep)
{
	struct fake_record *f = fake_model_find(m, &req->id);
	int64_t now = clock_wall_ms();

	*rep = (struct store_reserve_rep){ .outcome = STORE_RESERVE_GONE };
	rep->gone = fake_model_gone(f, req->tenant_tag, &rep->gone_ms);
	if (!f || rep->gone != STORE_LIVE)
		return;
	rep->outcome = STORE_RESERVE_TAKEN;
	if (req->give_back) {
		f->reserved_until_ms = is_mine(f, req->tag) ? 0 : f->reserved_until_ms;
		fake_saw(true, "store takes the reserve of %s back", f->name);
		return;
	}
	if (f->r.own_code) {
		rep->outcome = STORE_RESERVE_OWN_CODE;
		return;
	}
	if (f->r.redirects >= REDIRECTS_MOST) {
		rep->outcome = STORE_RESERVE_NONE_LEFT;
		rep->retry_ms = f->r.expires_ms - now;
		return;
	}
	if (f->reserved_until_ms > now && !is_mine(f, req->tag)) {
		rep->outcome = STORE_RESERVE_HELD;
		rep->retry_ms = f->reserved_until_ms - now;
		return;
	}
	memcpy(f->reserve, req->tag, sizeof(f->reserve));
	f->reserved_until_ms = now + m->lease_ms;
	fake_saw(true, "store reserves %s", f->name);
}

void fake_model_redirect(struct fake_model *m, const struct store_redirect_req *req, struct store_redirect_rep *rep)
{
	struct fake_record *f = fake_model_find(m, &req->id);

	*rep = (struct store_redirect_rep){ .gone = STORE_LIVE };
	rep->gone = fake_model_gone(f, req->tenant_tag, &rep->gone_ms);
	if (!f || rep->gone != STORE_LIVE)
		return;
	if (!is_mine(f, req->tag)) {
		rep->gone = STORE_RESERVED;
		return;
	}
	f->r.state = LIFECYCLE_EXPIRED;
	f->r.redirected = true;
	f->r.ended_ms = clock_wall_ms();
	f->r.expires_ms = req->hard_end_ms;
	memcpy(f->r.successor, req->successor, sizeof(f->r.successor));
	f->owed = false;
	fake_saw(true, "store redirects %s", f->name);
}

bool fake_model_freed(struct fake_model *m, const struct ident *id)
{
	struct fake_record *f = NULL;

	/* Of the generation the caller has only the first octets. */
	for (size_t i = 0; i < m->record_count && !f; i++)
		if (memcmp(m->records[i].r.id.generation, id->generation, IDENT_KEPT_LEN) == 0)
			f = &m->records[i];
	if (!f || !f->r.redirected)
		return false;
	f->r.expires_ms = f->r.created_ms;
	fake_saw(true, "store frees the number of %s", f->name);
	return true;
}

static bool same_note(const struct store_note *a, const struct store_note *b)
{
	return a->kind == b->kind && a->partition == b->partition && memcmp(a->tag, b->tag, KEYRING_TAG_LEN) == 0;
}

size_t fake_model_note_read(const struct fake_model *m, const struct store_note *note, uint8_t value[STORE_NOTE_CAP])
{
	for (size_t i = m->note_count; i-- > 0;) {
		if (!same_note(&m->notes[i].note, note) || m->notes[i].until_ms <= clock_wall_ms())
			continue;
		memcpy(value, m->notes[i].value, m->notes[i].len);
		return m->notes[i].len;
	}
	return 0;
}

void fake_model_note_write(struct fake_model *m, const struct store_note *note, const uint8_t *value, size_t len,
                           uint32_t keep_ms)
{
	if (m->note_count == FAKE_RECORDS_MAX || len > STORE_NOTE_CAP)
		abort();
	m->notes[m->note_count].note = *note;
	memcpy(m->notes[m->note_count].value, value, len);
	m->notes[m->note_count].len = len;
	m->notes[m->note_count++].until_ms = clock_wall_ms() + keep_ms;
}
