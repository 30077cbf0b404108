/*
 * testing: recognises the test numbers of a tenant in its requests, and gives their messages the code and the outcome
 * that the configuration says.
 */
#ifndef FLOW_ASK_TESTING_H
#define FLOW_ASK_TESTING_H

#include "ask_uses.h"
#include "options.h"
#include "otp/message.h"

struct tenant;

/*
 * If the number of *payload is a test number of the caller, sets its code and its play. False: the code does not fit
 * what the request asks for, and the call has been answered.
 */
bool testing_read(const struct ask_uses *u, struct api_call *call, const struct options *a,
                  const struct policy_terms *terms, struct message_payload *payload);

/*
 * A further SMS of a live verification: payload, which is new, keeps the play of the live one unless it has one of its
 * own. So a verification that was opened for a test number is played even if the number is an ordinary one by now.
 */
void testing_keep(const struct message_payload *live, struct message_payload *payload);

/*
 * The same for a RESEND, whose payload was opened from the record. If the number has become a test number since, the
 * payload is sealed again with its play. out->len 0: it stays as it is. False: it could not be sealed.
 */
bool testing_resend(const struct ask_uses *u, const struct tenant *tenant, const struct store_record *record,
                    struct message_payload *payload, struct keyring_sealed *out);

/*
 * The payload of a successor, whose number is not that of the record: it has the play and the code of its own number.
 * False: the code has not the shape of the record's, and the call has been answered.
 */
bool testing_redirect(const struct ask_uses *u, struct api_call *call, const struct store_record *record,
                      struct message_payload *payload);

/*
 * Takes the limits of sends and wrong guesses per number away. The windows stay, because they say how often a send is
 * given back.
 */
void testing_unlimited(struct store_limits *limits);

#endif
