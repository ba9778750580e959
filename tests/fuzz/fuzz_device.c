/* SPDX-License-Identifier: ISC */
/*
 * Any bytes as a device's record, an error body, an href, a date and a
 * header.
 */
#include <stdint.h>

#include "base/keyset.h"
#include "base/url.h"
#include "portal/date.h"
#include "portal/decode.h"
#include "portal/header.h"
#include "tests/fuzz/oracle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
check_error_text(const char *body, size_t len)
{
	char text[64];
	size_t i, n, size;

	for (size = 1; size <= sizeof(text); size += 9) {
		memset(text, 'x', sizeof(text));
		decode_error_text(body, len, text, size);
		n = strlen(text);
		CHECK(n < size);
		for (i = 0; i < n; i++)
			CHECK(
			    (unsigned char)text[i] >= 0x20 && text[i] != 0x7f);
		for (i = size; i < sizeof(text); i++)
			CHECK(text[i] == 'x');
	}
}

static void
check_header(const char *body, size_t len)
{
	const char *value = NULL;
	size_t i, vlen = 0;
	int64_t ms;

	if (header_is(body, len, "ETag", &value, &vlen))
		CHECK(value >= body && value + vlen <= body + len);
	if (header_etag_ok(body, len)) {
		CHECK(len < LIMIT_ETAG);
		for (i = 0; i < len; i++)
			CHECK(body[i] > 0x20 && body[i] < 0x7f);
	}
	ms = header_retry_after(body, len, INT64_C(1782813600000));
	CHECK(ms >= 0 && ms <= LIMIT_RETRY_AFTER_MS);
}

static void
check_href(const uint8_t *data, size_t len)
{
	char *href = malloc(len + 1), owner[DECODE_OWNER_SIZE];

	CHECK(href != NULL);
	memcpy(href, data, len);
	href[len] = '\0';
	decode_owner_href(href, owner);
	CHECK(owner[0] == '\0' ||
	    (strncmp(owner, "user:", 5) == 0 && uuid_ok(owner + 5)) ||
	    (strncmp(owner, "project:", 8) == 0 && uuid_ok(owner + 8)));
	free(href);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *body = oracle_copy(data, len), project[PORTAL_UUID_SIZE];
	struct error err = {""};
	json_error_t e;
	json_t *root;
	int64_t ms;
	int r;

	r = decode_device(body, len, project, &err);
	CHECK(r == 0 ? uuid_ok(project) : project[0] == '\0');
	CHECK(r == 0 || err.text[0] != '\0');
	root = oracle_load(body, len, &e);
	if (oracle_agrees(body, len, root, &e, r, &err))
		CHECK(json_is_object(json_object_get(root, "project")));
	json_decref(root);
	check_error_text(body, len);
	check_header(body, len);
	check_href(data, len);
	ms = date_rfc3339(body, len);
	CHECK(ms == KEYREC_NO_DATE ||
	    (ms > -62200000000000 && ms < 253500000000000));
	free(body);
	return 0;
}
