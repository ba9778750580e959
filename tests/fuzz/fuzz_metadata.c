/* SPDX-License-Identifier: ISC */
/*
 * Any bytes as the metadata document, with its list and without.
 */
#include <stdint.h>

#include "base/url.h"
#include "portal/decode.h"
#include "tests/fuzz/oracle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
check_same(const json_t *list, const struct keyset *ks)
{
	const json_t *v;
	size_t i;

	CHECK(json_is_array(list) && json_array_size(list) == ks->n);
	for (i = 0; i < ks->n; i++) {
		v = json_array_get(list, i);
		CHECK(json_is_string(v) == (ks->v[i].text != NULL));
		if (ks->v[i].text == NULL)
			continue;
		CHECK(strlen(ks->v[i].text) == ks->v[i].textlen);
		CHECK(strncmp(json_string_value(v), ks->v[i].text,
			  LIMIT_KEY_TEXT + 1) == 0);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *body = oracle_copy(data, len);
	char with[PORTAL_UUID_SIZE], without[PORTAL_UUID_SIZE];
	struct error err = {""};
	struct keyset ks;
	json_error_t e;
	json_t *root;
	int r, r2;

	keyset_init(&ks);
	r = decode_metadata(body, len, with, &ks, &err);
	CHECK(r == 0 || (err.text[0] != '\0' && with[0] == '\0'));
	r2 = decode_metadata(body, len, without, NULL, NULL);
	/* Who learns the id asks for less than who reads the list. */
	CHECK(r2 == 0 || (r == -1 && without[0] == '\0'));
	CHECK(r == -1 || strcmp(with, without) == 0);
	CHECK(without[0] == '\0' || uuid_ok(without));
	root = oracle_load(body, len, &e);
	if (oracle_agrees(body, len, root, &e, r, &err)) {
		check_same(json_object_get(root, "ssh_keys"), &ks);
		if (with[0] != '\0')
			CHECK(strcmp(with,
				  json_string_value(
				      json_object_get(root, "id"))) == 0);
	}
	json_decref(root);
	keyset_free(&ks);
	free(body);
	return 0;
}
