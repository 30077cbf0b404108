/*
 * What the model does to correct the number of a verification, as reserve.lua, redirect.lua and freed.lua decide it,
 * and the notes. Private to the fake store.
 */
#ifndef TESTS_FAKES_STORE_REDIRECTS_H
#define TESTS_FAKES_STORE_REDIRECTS_H

#include "store_model.h"

void fake_model_reserve(struct fake_model *m, const struct store_reserve_req *req, struct store_reserve_rep *rep);
void fake_model_redirect(struct fake_model *m, const struct store_redirect_req *req, struct store_redirect_rep *rep);
bool fake_model_freed(struct fake_model *m, const struct ident *id);

/* Returns the length of the note, and 0 if there is none. */
size_t fake_model_note_read(const struct fake_model *m, const struct store_note *note, uint8_t value[STORE_NOTE_CAP]);
void fake_model_note_write(struct fake_model *m, const struct store_note *note, const uint8_t *value, size_t len,
                           uint32_t keep_ms);

#endif
