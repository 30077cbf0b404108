/*
 * payload: what a record holds sealed: number, code, text. Private to flow.
 */
#ifndef FLOW_PAYLOAD_H
#define FLOW_PAYLOAD_H

#include "otp/message.h"
#include "parts.h"

/* Opens the payload of a record. ERR_NOTFOUND (key), ERR_CORRUPT. Wipe it after use. */
enum err payload_open(const struct flow *f, const struct store_record *record,
                      struct message_payload *payload) ERR_CHECKED;

#endif
