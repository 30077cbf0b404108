/*
 * docs: the COMMAND family of answers. Private to api.
 */
#ifndef API_DOCS_H
#define API_DOCS_H

#include "api.h"

void api_docs_run(void *api, struct api_call *call);

#endif
