/* process.h: what a program does about itself: its secrets stay inside, its supervisor is told. */
#ifndef BASE_PROCESS_H
#define BASE_PROCESS_H

#include "base/base.h"

/* No core file is written and no other process of this user may read this one's memory; children
 * inherit both. To be called before any secret is read. */
void process_shut(void);

/* To the supervisor whose socket $NOTIFY_SOCKET names, by the protocol of sd_notify(3); nothing
 * happens without one. Stop orders and new settings are told, too. */
void process_ready(void);
void process_reloading(void);
void process_stopping(void);
/* Says that the program's loop still turns, where $WATCHDOG_USEC asks for it, as often as it must
 * be said. Returns the milliseconds until it is due again; -1: never. */
int64_t process_alive(int64_t now_ms);

#endif
