/*
 * pool: what the rest of the room may see of it. Private to smpp.
 */
#ifndef SMPP_POOL_H
#define SMPP_POOL_H

#include "smpp/binds.h"
#include "smpp/routes.h"

const struct smpp_routes *smpp_pool_routes(const struct smpp *p);

/* By index, below SMPP_SMSC_MAX. NULL: none, or one that leaves. */
struct smpp_binds *smpp_pool_group(const struct smpp *p, unsigned smsc);

#endif
