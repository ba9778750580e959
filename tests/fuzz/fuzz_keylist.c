/* SPDX-License-Identifier: ISC */
/*
 * Any bytes as a list of keys: taken only if jansson takes them too, and then
 * with the same contents.
 */
#include <stdint.h>

#include "portal/decode.h"
#include "tests/fuzz/oracle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* What can be said of any record. */
static void
check_record(const struct keyrec *rec)
{
	size_t i, n;

	CHECK(strlen(rec->id) == 0 || strlen(rec->id) == 36);
	CHECK(strlen(rec->label) <= LIMIT_TEXT);
	n = strlen(rec->owner);
	CHECK(n == 0 || n == 5 + 36 || n == 8 + 36);
	CHECK(rec->ntags <= LIMIT_TAGS);
	for (i = 0; i < rec->ntags; i++)
		CHECK(strlen(rec->tags[i]) <= LIMIT_TEXT);
	CHECK(rec->blob == NULL && rec->bloblen == 0 && rec->fp[0] == '\0');
	CHECK(rec->refused == NULL);
	if (rec->text == NULL)
		CHECK(rec->textlen == 0);
	else
		CHECK(strlen(rec->text) == rec->textlen &&
		    rec->textlen <= LIMIT_KEY_TEXT + 1);
}

static bool
same(const json_t *v, const char *s, size_t max)
{
	const char *expected = json_is_string(v) ? json_string_value(v) : "";
	size_t n = strlen(expected);

	return n <= max ? strcmp(expected, s) == 0
			: strncmp(expected, s, strlen(s)) == 0;
}

static void
check_same(const json_t *v, const struct keyrec *rec)
{
	const json_t *tags = json_object_get(v, "tags"), *tag;
	bool fine = tags == NULL || json_is_null(tags) || json_is_array(tags);
	size_t i;

	CHECK(same(json_object_get(v, "label"), rec->label, LIMIT_TEXT));
	CHECK(
	    rec->id[0] == '\0' || same(json_object_get(v, "id"), rec->id, 36));
	json_array_foreach(tags, i, tag)
	{
		if (!json_is_string(tag) ||
		    json_string_length(tag) > LIMIT_TEXT || i >= LIMIT_TAGS)
			fine = false;
	}
	CHECK(fine || keyrec_tags_lost(rec));
	if (!fine)
		return;
	CHECK(rec->ntags == json_array_size(tags));
	for (i = 0; i < rec->ntags; i++)
		CHECK(same(json_array_get(tags, i), rec->tags[i], LIMIT_TEXT));
	CHECK(json_is_string(json_object_get(v, "key")) == (rec->text != NULL));
	if (rec->text != NULL)
		CHECK(
		    same(json_object_get(v, "key"), rec->text, LIMIT_KEY_TEXT));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *body = oracle_copy(data, len);
	struct decode_page page;
	struct error err = {""};
	struct keyset ks;
	json_error_t e;
	json_t *root, *list;
	size_t i;
	int r;

	keyset_init(&ks);
	r = decode_key_list(body, len, &ks, &page, &err);
	CHECK(r == 0 || err.text[0] != '\0');
	for (i = 0; r == 0 && i < ks.n; i++)
		check_record(&ks.v[i]);
	root = oracle_load(body, len, &e);
	if (oracle_agrees(body, len, root, &e, r, &err)) {
		list = json_object_get(root, "ssh_keys");
		CHECK(json_is_array(list) && json_array_size(list) == ks.n);
		for (i = 0; i < ks.n; i++)
			check_same(json_array_get(list, i), &ks.v[i]);
		oracle_check_page(root, "ssh_keys", &page);
	}
	json_decref(root);
	keyset_free(&ks);
	free(body);
	return 0;
}
