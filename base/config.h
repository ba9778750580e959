/*
 * packet-keys.conf(5).
 */
#ifndef BASE_CONFIG_H
#define BASE_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/file.h"
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
	char socket[LIMIT_SOCKET_PATH];
	int64_t fresh_ms, stale_ms, retry_ms;
	unsigned mass_removal;
	/* [policy] */
	char policy_file[LIMIT_CONFIG_VALUE];
	char fleet[64]; /* "none", "project", "device", "organization:…" */
	/* The list of denied keys (denylist.h), beside the policy file. */
	char deny_file[LIMIT_CONFIG_VALUE + 16];
	/*
	 * Digests of the bytes of this file, of the policy file and of the
	 * list of denied keys (or of their absence).
	 */
	uint64_t digest, policy_digest, deny_digest;
	/* The policy file's (file.h) as policy_digest was taken, if a later
	 * change is sure to show in it; else FILE_STAMP_NONE. */
	uint64_t policy_stamp;
};

/* A file that an administrator wrote beside the configuration. */
struct config_file {
	enum file_result found;
	struct error err; /* why, with FILE_ERROR */
	struct buf text; /* with FILE_OK */
};

struct config_files {
	struct config_file policy, deny;
};

/*
 * Reads and checks the file at path, and takes the digests.  0, or -1 with
 * "FILE:LINE: what and its mend" (only "FILE: …" where no line is to blame).
 * Judges the file as FILE_PUBLIC.
 */
int config_load(struct config *cfg, const char *path, struct error *err);

/*
 * The same, and the texts that the digests were taken of.  A policy or list
 * that can't be read or trusted is no failure here: the snapshot knows the
 * last good one.  The texts' buffers are the caller's, initialised before
 * (config_files_init, or on storage of his own); config_files_free, in
 * either case.
 */
int config_load_files(struct config *cfg, const char *path,
    struct config_files *files, struct error *err);
/*
 * The two halves, for a login, which need not read a policy that the snapshot
 * was made under: all but the policy file; and that alone.
 */
int config_load_deny(struct config *cfg, const char *path,
    struct config_files *files, struct error *err);
void config_load_policy(struct config *cfg, struct config_files *files);
void config_files_init(struct config_files *files);
void config_files_free(struct config_files *files);

/*
 * The pure half: parses text[len] (of the file called path) into cfg, which
 * gets the defaults for all that is not set.
 */
int config_parse(struct config *cfg, const char *path, const char *text,
    size_t len, struct error *err);

/* The name of the compiled-in configuration file. */
extern const char config_default_path[];

#endif
