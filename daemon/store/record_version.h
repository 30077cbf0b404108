/*
 * record_version: the versions of the record that this build reads, all that the store may write among them. A release
 * reads a version before a later release writes it by default, so that a rollback finds no record that it cannot read.
 * The flavour "next" of the Makefile is the daemon of the next release, for the test of an upgrade: it may write one
 * version more. embed.sh reads this file too. Private to store.
 */
#ifndef STORE_RECORD_VERSION_H
#define STORE_RECORD_VERSION_H

#ifdef OTPGWD_RECORD_NEXT
enum record_version { RECORD_OLDEST = 1, RECORD_NEWEST = 2 };
#else
enum record_version { RECORD_OLDEST = 1, RECORD_NEWEST = 1 };
#endif

#endif
