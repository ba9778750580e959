/*
 * What the files of portal/ share about a handle.
 */
#ifndef PORTAL_HANDLE_H
#define PORTAL_HANDLE_H

#include <curl/curl.h>
#include <stdbool.h>

#include "portal/portal.h"
#include "portal/trust.h"

struct portal {
	const struct portal_settings *set;
	CURLM *multi; /* holds the warm connections */
	struct curl_slist *headers; /* of the API; hold the token */
	char *token; /* "" where there is none */
	struct trust trust;
	bool curl_ready;
	bool resolved[2]; /* by enum http_peer: in this fetch */
};

/* Frees what the source holds, and nothing else of it; portal.c. */
void portal_source_empty(struct portal_source *s);

#endif
