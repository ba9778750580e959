/*
 * packet-keys.conf(5).
 */
#ifndef BASE_CONFIG_H
#define BASE_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/limits.h"
#include "base/source.h"

struct config {
	const char *path; /* of the file itself; borrowed */
	/* [portal] */
	char url[LIMIT_CONFIG_VALUE]; /* no slash at its end */
	char token_file[LIMIT_CONFIG_VALUE];
	char project[40]; /* "auto", "none" or a uuid */
	char device[40]; /* the same */
	char metadata_url[LIMIT_CONFIG_VALUE];
	unsigned sources; /* SOURCE_BIT()s, at least one */
	char ca_file[LIMIT_CONFIG_VALUE]; /* "": the system's */
	char proxy[LIMIT_CONFIG_VALUE]; /* "": none */
	int64_t connect_timeout_ms;
	int64_t timeout_ms;
	/* [cache] */
	char directory[LIMIT_CONFIG_VALUE];
	char socket[LIMIT_CONFIG_VALUE];
	int64_t fresh_ms, stale_ms, retry_ms;
	unsigned mass_removal;
	/* [policy] */
	char policy_file[LIMIT_CONFIG_VALUE];
	char fleet[64]; /* "none", "project", "device", "organization:…" */
	/*
	 * Digests of this file's bytes and of the policy file's (or of its
	 * absence).  They find changes; they are no protection against a
	 * forger.
	 */
	uint64_t digest, policy_digest;
	bool policy_exists;
};

/*
 * Reads and checks the file at path, and takes the digests.  0, or -1 with
 * "FILE:LINE: what and its mend" (only "FILE: …" where no line is to blame).
 * Judges the file as FILE_PUBLIC.
 */
int config_load(struct config *cfg, const char *path, struct error *err);

/*
 * 0 when the built-in policy is to be used.  -1 where a policy document is
 * asked for (the file exists, or fleet is set): this version can't read one,
 * and must not open doors that it may want shut.
 */
int config_policy_ok(const struct config *cfg, struct error *err);

/*
 * The pure half: parses text[len] (of the file called path) into cfg, which
 * gets the defaults for all that is not set.
 */
int config_parse(struct config *cfg, const char *path, const char *text,
    size_t len, struct error *err);

/* The name of the compiled-in configuration file. */
extern const char config_default_path[];

/* FNV-1a over data, going on from h; start with CONFIG_DIGEST_INIT. */
#define CONFIG_DIGEST_INIT UINT64_C(0xcbf29ce484222325)
uint64_t config_digest(uint64_t h, const void *data, size_t len);

#endif
