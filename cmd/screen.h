/*
 * Standard output, where a person or a program reads it.
 */
#ifndef CMD_SCREEN_H
#define CMD_SCREEN_H

#include "cmd/table.h"

/*
 * Prints the table, fitted where standard output is a terminal: to COLUMNS,
 * else to what the terminal says, else to 80.  0, or -1 after a message.
 */
int screen_table(const struct table *t);

/* Flushes standard output; code, or failed after a message if anything that
 * was printed did not get there. */
int screen_end(int code, int failed);

#endif
