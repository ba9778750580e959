/* SPDX-License-Identifier: ISC */
/*
 * Any bytes as customdata: taken only if jansson takes them too, and then with
 * the policy that jansson finds in it, as bytes of the answer.
 */
#include <stdint.h>

#include "portal/decode.h"
#include "tests/fuzz/oracle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
check_policy(const json_t *root, const struct buf *policy)
{
	const json_t *expected = json_object_get(root, "ssh_policy");
	json_error_t e;
	json_t *got;

	CHECK((policy->len == 0) == (expected == NULL));
	if (expected == NULL)
		return;
	got = oracle_load((const char *)policy->data, policy->len, &e);
	CHECK(got != NULL && json_equal(got, expected));
	json_decref(got);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *body = oracle_copy(data, len);
	struct error err = {""};
	struct buf policy;
	json_error_t e;
	json_t *root;
	int r;

	buf_init(&policy, LIMIT_POLICY_FILE);
	r = decode_customdata(body, len, &policy, &err);
	CHECK(r == 0 || (err.text[0] != '\0' && policy.len == 0));
	if (policy.len != 0)
		CHECK(memmem(body, len, policy.data, policy.len) != NULL);
	root = oracle_load(body, len, &e);
	if (oracle_agrees(body, len, root, &e, r, &err)) {
		CHECK(json_is_object(root));
		check_policy(root, &policy);
	}
	json_decref(root);
	buf_free(&policy);
	free(body);
	return 0;
}
