/*
 * The Packet API client: asks every source at once, within one deadline.
 *
 * It reads nothing from disk but the trust store, writes nothing, and knows
 * neither snapshot nor policy.
 */
#ifndef PORTAL_PORTAL_H
#define PORTAL_PORTAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/keyset.h"
#include "base/limits.h"
#include "base/memberset.h"
#include "base/source.h"

#define PORTAL_UUID_SIZE 37

struct portal;

/* Borrowed; must outlive the handle.  The values of config.h, as checked. */
struct portal_settings {
	const char *url;
	const char *metadata_url;
	const char *ca_file; /* "": the system's trust store */
	const char *proxy; /* "": none, whatever the environment says */
	const char *token_file; /* named in messages, never opened here */
	const char *project; /* "auto", "none" or a uuid */
	const char *device; /* the same */
	/* Whose customdata SOURCE_FLEET is: "none", "project", "device" or
	 * "organization:<uuid>"; NULL: none. */
	const char *fleet;
	int64_t connect_timeout_ms;
};

/* What `auto` stands for, as learned; "" while unknown. */
struct portal_ids {
	char device[PORTAL_UUID_SIZE];
	char project[PORTAL_UUID_SIZE];
	int64_t learned_ms; /* wall clock; 0: never */
};

enum portal_outcome {
	PORTAL_NOT_ASKED,
	PORTAL_NEW, /* the whole new list, or document, is here */
	PORTAL_UNCHANGED, /* 304: the caller's list still holds */
	PORTAL_FAILED /* reason says why, for a person */
};

struct portal_source {
	/* In. */
	bool ask;
	/* The ETag of the list that the caller holds, the URL and the id that
	 * it was for; "" if none.  Used only if both are still the same. */
	char etag[LIMIT_ETAG];
	char url[LIMIT_URL];
	/* Out; etag and url too, for the list now held (unchanged where the
	 * outcome is not PORTAL_NEW). */
	enum portal_outcome outcome;
	/* What the source holds, freed by portal_sources_free: keys, or
	 * members of SOURCE_MEMBERS, or the JSON text of the ssh_policy
	 * member of SOURCE_FLEET (empty where the customdata has none). */
	struct keyset keys;
	struct memberset members;
	struct buf policy;
	/* The device, project or organization that it belongs to; "" for
	 * others, and where it could not be learned. */
	char id[PORTAL_UUID_SIZE];
	char reason[LIMIT_REASON];
	int status; /* HTTP, 0 where no answer came */
	/* When the portal says that this answer was given; 0 where it failed,
	 * or didn't say. */
	int64_t date_ms;
	int64_t retry_after_ms; /* from Retry-After, capped; 0: none */
};

/*
 * The program has to ignore SIGPIPE: a libcurl before 7.87 can raise it.
 *
 * settings stay borrowed.  token is copied into the handle's memory, which
 * is wiped by portal_free; NULL or "" where only the metadata service is
 * asked.  NULL with err set when libcurl can't be set up.
 */
struct portal *portal_new(const struct portal_settings *settings,
    const char *token, struct error *err);
/*
 * NULL is allowed.  With a libcurl before 7.87 this (and portal_fetch) may
 * take until a hanging name lookup ends; publish before calling it.
 */
void portal_free(struct portal *p);

void portal_sources_init(struct portal_source src[SOURCE_COUNT]);
void portal_sources_free(struct portal_source src[SOURCE_COUNT]);

/*
 * Asks every source with `ask` set and fills in its outcome; never later
 * than deadline (clock_mono_ms) and a few milliseconds.  What `auto` stands
 * for is taken from ids; where it is unknown, or relearn is set, it is asked
 * first, and asked again when an answer says that it no longer holds (a 404
 * for a learned id).  A learned id that can't be confirmed stays in use;
 * with relearn set a source waits for that at most the connect timeout or
 * half of the time.  ids->learned_ms is set to the wall clock when all that
 * is `auto` and needed was learned anew.
 *
 * ids belong to this machine and this configuration: the caller sets relearn
 * when either may have changed, and forgets ids copied from elsewhere.
 *
 * 0, or -1 with err when libcurl itself broke down; each asked source has an
 * outcome either way (failed ones included).
 */
int portal_fetch(struct portal *p, struct portal_ids *ids, bool relearn,
    struct portal_source src[SOURCE_COUNT], int64_t deadline,
    struct error *err);

#endif
