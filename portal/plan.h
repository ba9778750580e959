/*
 * A fetch under way: which requests it takes and what each waits for.
 *
 *     metadata document --> device id --> device's list
 *                                    \--> device's record --> project id
 *     personal list                    project's list, members <--/
 *
 * and the customdata that `fleet` names waits for the id of its kind.  Nothing
 * waits for what it does not need.  plan.c moves the jobs on, learn.c keeps
 * the ids, address.c says where to ask, fetch.c drives the requests, answer.c
 * reads what comes.
 */
#ifndef PORTAL_PLAN_H
#define PORTAL_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "portal/handle.h"
#include "portal/http.h"
#include "portal/portal.h"
#include "portal/reason.h"

/* How an id is known. */
enum how {
	ID_NONE, /* the config says that there is none */
	ID_FIXED, /* from the config */
	ID_OLD, /* learned by an earlier fetch */
	ID_UNASKED, /* to be asked as soon as something needs it */
	ID_ASKING,
	ID_FRESH, /* learned by this fetch */
	ID_LOST /* asked in vain; an old one stays in use */
};

struct known_id {
	enum how how;
	char now[PORTAL_UUID_SIZE]; /* "": not known */
	char reason[LIMIT_REASON]; /* why there is none */
	int64_t retry_after_ms;
	bool automatic, needed;
};

enum job_state {
	JOB_OFF, /* nothing to do */
	JOB_WAIT, /* for its id, or to be started */
	JOB_RUN,
	JOB_AGAIN, /* its id was not known there: waits for a new one */
	JOB_DONE
};

struct page { /* the address of one that was asked */
	struct page *next;
	char url[];
};

struct job {
	enum subject subject;
	enum job_state state;
	struct known_id *wants; /* NULL: none */
	struct http_call *call; /* while JOB_RUN */
	char id[PORTAL_UUID_SIZE]; /* that it was started with */
	char url[LIMIT_URL]; /* of the first page */
	char etag[LIMIT_ETAG]; /* of the first page */
	char reason[LIMIT_REASON]; /* with JOB_AGAIN */
	int64_t retry_after_ms;
	struct page *pages;
	unsigned npages, starts;
	size_t got; /* bytes of the pages so far */
	size_t rows; /* elements of them */
	int64_t total; /* what the first one says that there are; -1 */
};

/* The list that the caller held when it called. */
struct held {
	char etag[LIMIT_ETAG], url[LIMIT_URL];
};

struct fetch {
	struct portal *p;
	struct portal_ids *ids;
	struct portal_source *src;
	struct held held[SOURCE_COUNT];
	int64_t span, deadline;
	/* Until then an old id waits to be confirmed; later it is used. */
	int64_t grace;
	struct known_id device, project;
	struct known_id organization; /* of `fleet`; never learned */
	struct job job[SUBJECT_COUNT];
	bool moved; /* a job may be able to go on */
};

/* plan.c */

void plan_init(struct fetch *f, bool relearn);
void plan_free(struct fetch *f);
/* Starts whatever can be started, until nothing more can. */
void plan_step(struct fetch *f);
/* Whether each asked source has its outcome. */
bool plan_done(const struct fetch *f);
/* The source that waits for the job's outcome, or NULL. */
struct portal_source *plan_source(struct fetch *f, const struct job *j);
/* Asks for a page of the job's list; the job fails where that can't be. */
void plan_ask(
    struct fetch *f, struct job *j, const char *url, const char *etag);
/* Ends the job in failure: its source's, or that of the id it learns. */
void plan_fail(struct fetch *f, struct job *j, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Has a list be asked for from its first page again, for it has changed. */
void plan_again(struct fetch *f, struct job *j);
/* Has the job begin anew if it was begun with another id. */
void plan_restart(struct fetch *f, struct job *j);

/* address.c: 0, or -1 with err set. */

/* The address that a job begins with. */
int address_first(const struct fetch *f, const struct job *j,
    char dst[LIMIT_URL], struct error *err);
/* What href means on the page of the job that was asked last. */
int address_next(const struct job *j, const char *href, char dst[LIMIT_URL],
    struct error *err);

/* answer.c */

/* A call of this fetch has ended: does what it means for its job, frees it. */
void plan_answer(struct fetch *f, struct http_call *c);

/* learn.c */

enum ready {
	READY_NO, /* id->reason says why */
	READY_WAIT,
	READY_YES /* id->now is to be used */
};

void learn_init(struct fetch *f, bool relearn);
/* The id that `fleet` waits for. */
struct known_id *learn_fleet(struct fetch *f);
/* The id is needed: sets off its learning where it has to be learned. */
enum ready learn_need(struct fetch *f, struct known_id *id);
/* The id in use is not known there (404).  Whether a new one may come. */
bool learn_doubt(struct known_id *id, const char *used);
void learn_device(struct fetch *f, const char *uuid);
void learn_project(struct fetch *f, const char *uuid);
void learn_fail(struct fetch *f, struct known_id *id, const char *reason,
    int64_t retry_after_ms);
/* Hands what was learned to the caller. */
void learn_keep(struct fetch *f);

#endif
