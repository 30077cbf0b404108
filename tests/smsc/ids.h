/*
 * ids: how a message id is spelt in a response and in its receipt.
 */
#ifndef SMSC_IDS_H
#define SMSC_IDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ID_TEXT_MAX = 66 };

const char *ids_name(uint32_t style); /* NULL beyond the last */
void ids_text(uint32_t style, bool receipt, uint64_t id, char out[ID_TEXT_MAX]);

#endif
