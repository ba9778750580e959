/*
 * Which certificates a TLS server is held against.
 */
#ifndef PORTAL_TRUST_H
#define PORTAL_TRUST_H

#include <curl/curl.h>
#include <stdbool.h>

#include "base/limits.h"

enum trust_kind {
	TRUST_FILE, /* ca-file, and nothing else */
	TRUST_FOLDER, /* the system's hashed folder alone */
	TRUST_SYSTEM /* whatever libcurl was built with */
};

struct trust {
	enum trust_kind kind;
	char path[LIMIT_CONFIG_VALUE]; /* of the file or folder */
};

/*
 * Chooses the store.  OpenSSL finds a certificate in a hashed folder by its
 * name, which costs next to nothing; the system's bundle has to be parsed
 * whole (22 ms) for the one certificate that is needed.
 */
void trust_choose(struct trust *t, const char *ca_file);

/* Applies it to a transfer. */
CURLcode trust_apply(const struct trust *t, CURL *easy);

/*
 * After a certificate was not found trusted: whether a wider store that the
 * system also offers is still to be tried (then t is that one).  The hashed
 * folder may have been left behind by an administrator who keeps the bundle.
 */
bool trust_widen(struct trust *t);

#endif
