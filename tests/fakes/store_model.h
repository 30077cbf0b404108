/*
 * The records, leases and receipts that the fake store holds, and what each command does to them: as the functions of
 * daemon/store/lua decide it, as far as flows see it. Private to the fake store.
 */
#ifndef TESTS_FAKES_STORE_MODEL_H
#define TESTS_FAKES_STORE_MODEL_H

#include "store.h"

#define FAKE_NAME_CAP 24
#define FAKE_RECORDS_MAX 256
#define FAKE_RECEIPTS_MAX 256

struct fake_record {
	char name[FAKE_NAME_CAP];
	struct store_record r;
	uint8_t args_tag[KEYRING_TAG_LEN];
	uint16_t waits_s[POLICY_WAITS_MAX];
	bool owed;       /* it stands in the journal */
	bool taken_over; /* claimed from one that did not hand it back */
	int64_t due_ms;  /* Redis time: its lease ends */
	uint8_t reserve[STORE_RESERVE_LEN];
	int64_t reserved_until_ms; /* Redis time; 0: it is not reserved */
};

struct fake_reqid {
	uint8_t tag[KEYRING_TAG_LEN], args[KEYRING_TAG_LEN];
	struct ident id;
};

struct fake_map {
	uint16_t smsc_tag;
	char message_id[STORE_MESSAGE_ID_CAP];
	struct ident id;
};

struct fake_model {
	struct fake_record records[FAKE_RECORDS_MAX];
	size_t record_count;
	struct fake_reqid reqids[FAKE_RECORDS_MAX];
	size_t reqid_count;
	struct fake_map maps[FAKE_RECEIPTS_MAX];
	size_t map_count;
	struct {
		struct store_note note;
		uint8_t value[STORE_NOTE_CAP];
		size_t len;
		int64_t until_ms;
	} notes[FAKE_RECORDS_MAX];
	size_t note_count;
	uint32_t lease_ms;
	unsigned process; /* of this instance */
};

struct fake_record *fake_model_find(struct fake_model *m, const struct ident *id); /* NULL: none */
struct fake_record *fake_model_named(struct fake_model *m, const char *name);

/* Why an id cannot be used; ms as in store.h. f may be NULL. */
enum store_gone fake_model_gone(const struct fake_record *f, uint32_t tenant_tag, int64_t *ms);

/* *rep's record stays valid until the next command. */
void fake_model_issue(struct fake_model *m, const struct store_issue_req *req, const char *name,
                      struct store_issue_rep *rep);
void fake_model_resend(struct fake_model *m, const struct store_resend_req *req, struct store_resend_rep *rep);
void fake_model_verify(struct fake_model *m, const struct store_verify_req *req, struct store_verify_rep *rep);
void fake_model_query(struct fake_model *m, const struct ident *id, uint32_t tenant_tag, struct store_query_rep *rep);
void fake_model_cancel(struct fake_model *m, const struct store_cancel_req *req, struct store_cancel_rep *rep);
enum store_marked fake_model_mark(struct fake_model *m, const struct store_mark *mark);
bool fake_model_receipt(struct fake_model *m, const struct store_receipt_req *req, struct ident *id);
void fake_model_receipt_end(struct fake_model *m, const struct store_receipt_req *req);

/* taken: room for as many records as are asked for. */
void fake_model_claim(struct fake_model *m, const struct store_claim_req *req, struct store_record *taken,
                      struct store_claim_rep *rep);
size_t fake_model_renew(struct fake_model *m, const struct ident *ids, size_t n);
bool fake_model_release(struct fake_model *m, const struct ident *id, const struct store_handed *how);

#endif
