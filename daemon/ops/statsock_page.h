/*
 * statsock_page: the page for people at /. It is complete in itself, except that it reads /status.json. Private to ops.
 */
#ifndef OPS_STATSOCK_PAGE_H
#define OPS_STATSOCK_PAGE_H

/* The whole HTML document. Static. */
const char *statsock_page(void);

#endif
