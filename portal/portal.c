/* SPDX-License-Identifier: ISC */
/*
 * The handle: what outlives a single fetch.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "portal/handle.h"

#define TOKEN_HEADER "X-Auth-Token: "

/* Nothing that could end the header or start another. */
static bool
token_ok(const char *token)
{
	if (strlen(token) > LIMIT_TOKEN_FILE)
		return false;
	for (; *token != '\0'; token++) {
		if (*token < 0x21 || *token > 0x7e)
			return false;
	}
	return true;
}

static int
append_header(struct curl_slist **list, const char *line)
{
	struct curl_slist *l = curl_slist_append(*list, line);

	if (l == NULL)
		return -1;
	*list = l;
	return 0;
}

static int
make_headers(struct portal *p, struct error *err)
{
	char line[sizeof(TOKEN_HEADER) + LIMIT_TOKEN_FILE];
	int r = 0;

	if (p->token[0] != '\0') {
		(void)snprintf(line, sizeof(line), TOKEN_HEADER "%s", p->token);
		r = append_header(&p->headers, line);
		explicit_bzero(line, sizeof(line));
	}
	if (r == -1 ||
	    append_header(&p->headers, "Accept: application/json") == -1)
		return error_set(err, "out of memory");
	return 0;
}

struct portal *
portal_new(const struct portal_settings *settings, const char *token,
    struct error *err)
{
	struct portal *p;
	CURLcode r;

	if (token == NULL)
		token = "";
	if (!token_ok(token)) {
		(void)error_set(err,
		    "the token in %s holds white space or "
		    "another character that no token may hold",
		    settings->token_file);
		return NULL;
	}
	if ((p = calloc(1, sizeof(*p))) == NULL ||
	    (p->token = strdup(token)) == NULL) {
		(void)error_set(err, "out of memory");
		goto fail;
	}
	p->set = settings;
	if ((r = curl_global_init(CURL_GLOBAL_DEFAULT)) != CURLE_OK) {
		(void)error_set(err, "libcurl: %s", curl_easy_strerror(r));
		goto fail;
	}
	p->curl_ready = true;
	if ((p->multi = curl_multi_init()) == NULL) {
		(void)error_set(err, "libcurl can't be set up");
		goto fail;
	}
	if (curl_multi_setopt(p->multi, CURLMOPT_PIPELINING,
		(long)CURLPIPE_MULTIPLEX) != CURLM_OK) {
		(void)error_set(err, "libcurl can't be set up");
		goto fail;
	}
	if (make_headers(p, err) == -1)
		goto fail;
	trust_choose(&p->trust, settings->ca_file);
	return p;
fail:
	portal_free(p);
	return NULL;
}

static void
wipe(char *s)
{
	if (s != NULL)
		explicit_bzero(s, strlen(s));
}

void
portal_free(struct portal *p)
{
	struct curl_slist *l;

	if (p == NULL)
		return;
	if (p->multi != NULL)
		(void)curl_multi_cleanup(p->multi);
	for (l = p->headers; l != NULL; l = l->next)
		wipe(l->data);
	curl_slist_free_all(p->headers);
	wipe(p->token);
	free(p->token);
	if (p->curl_ready)
		curl_global_cleanup();
	free(p);
}

void
portal_sources_init(struct portal_source src[SOURCE_COUNT])
{
	size_t i;

	for (i = 0; i < SOURCE_COUNT; i++) {
		memset(&src[i], 0, sizeof(src[i]));
		keyset_init(&src[i].keys);
		memberset_init(&src[i].members);
		buf_init(&src[i].policy, LIMIT_POLICY_FILE);
	}
}

void
portal_source_empty(struct portal_source *s)
{
	keyset_free(&s->keys);
	memberset_free(&s->members);
	buf_free(&s->policy);
}

void
portal_sources_free(struct portal_source src[SOURCE_COUNT])
{
	size_t i;

	for (i = 0; i < SOURCE_COUNT; i++)
		portal_source_empty(&src[i]);
}
