/*
 * docs: the replies to COMMAND and its subcommands. Private to api.
 */
#ifndef API_DOCS_H
#define API_DOCS_H

#include "api.h"

void api_docs_run(void *api, struct api_call *call);

#endif
