/*
 * What the programs say to the log, each line with a code in front and no
 * more of a kind than anybody reads (base/throttle.h).  Standard error gets
 * them all.
 */
#ifndef CMD_TELL_H
#define CMD_TELL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/throttle.h"

/* Words for a machine; the manual pages have them all.  Of what a line about
 * an answer has to say the last of these is its code. */
enum tell_code {
	TELL_LEFT_OUT,
	TELL_ANSWERS_AGAIN,
	TELL_MASS_REMOVAL,
	TELL_DENY_LINE,
	TELL_NOTHING_NEW,
	TELL_AUDIT,
	TELL_WORKER,
	TELL_NO_SERVICE,
	TELL_BAD_DENY_LIST,
	TELL_BAD_POLICY,
	TELL_NO_GROUPS,
	TELL_BAD_SNAPSHOT,
	TELL_FAILED_SOURCE,
	TELL_OLD_SNAPSHOT,
	TELL_REFUSED,
	TELL_DENIED,
	TELL_NEVER_ANSWERED,
	TELL_NOT_RENEWED,
	TELL_NO_SNAPSHOT,
	TELL_NO_OUTPUT,
	TELL_NO_FOLDER,
	TELL_NO_CONFIG,
	TELL_SET_ID,
	TELL_CODES
};

struct tell {
	enum tell_code code;
	int priority; /* of syslog(3) */
	/* Lines with the same code and key are of one kind. */
	uint64_t key;
	enum throttle_part part;
	bool always; /* a change: never held back */
};

const char *tell_code(enum tell_code code);

/*
 * From now on lines are counted in the folder dirfd of owner, which must stay
 * open until tell_end.  Before, after, and where nothing can be counted there,
 * each line is told.  Costs nothing.
 */
void tell_begin(int dirfd, uid_t owner);
/* Tells how many lines of each kind were held back, of those kinds of which a
 * line may be told again. */
void tell_rest(void);
void tell_end(void);

/* One line: "[code] …", and how many like it were held back before. */
void tell_line(const struct tell *t, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* The same for most of them: of THROTTLE_STATE, and limited. */
void tell(enum tell_code code, int priority, uint64_t key, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* A key for a text that is the same each time. */
uint64_t tell_key(const char *text);

#endif
