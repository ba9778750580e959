/* SPDX-License-Identifier: ISC */
/*
 * Any bytes as a list of memberships: taken only if jansson takes them too,
 * and then with the same members; and each list as the snapshot has it.
 */
#include <ctype.h>
#include <stdint.h>

#include "base/url.h"
#include "portal/decode.h"
#include "tests/fuzz/oracle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* What can be said of any member. */
static void
check_member(const struct member *m)
{
	const char *p;
	size_t i;

	CHECK(uuid_ok(m->id));
	for (p = m->id; *p != '\0'; p++)
		CHECK(!isupper((unsigned char)*p));
	CHECK(strlen(m->short_id) <= LIMIT_TEXT);
	CHECK(strlen(m->email) <= LIMIT_TEXT);
	CHECK(m->nroles <= LIMIT_ROLES);
	for (i = 0; i < m->nroles; i++)
		CHECK(strlen(m->roles[i]) <= LIMIT_TEXT);
}

/* The members encode, and decode to what encodes to the same bytes. */
static void
check_encoding(const struct memberset *ms)
{
	struct memberset back;
	struct buf b, again;
	struct slice in;

	buf_init(&b, LIMIT_ANSWER);
	buf_init(&again, LIMIT_ANSWER);
	CHECK(memberset_encode(ms, &b) == 0);
	in = (struct slice){b.data, b.len};
	CHECK(memberset_decode(&in, &back) == 0 && in.len == 0);
	CHECK(memberset_encode(&back, &again) == 0 && again.len == b.len);
	CHECK(memcmp(again.data, b.data, b.len) == 0);
	memberset_free(&back);
	buf_free(&again);
	buf_free(&b);
}

static bool
same(const json_t *v, const char *s, size_t max)
{
	const char *expected = json_is_string(v) ? json_string_value(v) : "";

	return strcmp(strlen(expected) <= max ? expected : "", s) == 0;
}

/* The uuid of the user, as far as jansson knows; false: it names none. */
static bool
user_id(const json_t *user, char id[PORTAL_UUID_SIZE])
{
	const char *s = json_string_value(json_object_get(user, "id"));
	char owner[DECODE_OWNER_SIZE];
	size_t i;

	if (s == NULL || !uuid_ok(s)) {
		s = json_string_value(json_object_get(user, "href"));
		if (s == NULL || strlen(s) > LIMIT_TEXT)
			return false;
		decode_owner_href(s, owner);
		if (strncmp(owner, "user:", 5) != 0)
			return false;
		s = owner + 5;
	}
	for (i = 0; i < PORTAL_UUID_SIZE; i++)
		id[i] = (char)tolower((unsigned char)s[i]);
	return true;
}

static void
check_same(const json_t *v, const struct member *m)
{
	const json_t *roles = json_object_get(v, "roles"), *role, *user;
	size_t i, n = 0;

	user = json_object_get(v, "user");
	CHECK(same(json_object_get(user, "short_id"), m->short_id, LIMIT_TEXT));
	CHECK(same(json_object_get(user, "email"), m->email, LIMIT_TEXT));
	json_array_foreach(roles, i, role)
	{
		if (!json_is_string(role) ||
		    json_string_length(role) > LIMIT_TEXT || n == LIMIT_ROLES)
			continue;
		CHECK(n < m->nroles);
		CHECK(same(role, m->roles[n++], LIMIT_TEXT));
	}
	CHECK(n == m->nroles);
}

/* The members are those that jansson's tree has, in its order. */
static void
check_tree(const json_t *root, const struct memberset *ms,
    const struct decode_page *page)
{
	const json_t *list = json_object_get(root, "memberships"), *v;
	char id[PORTAL_UUID_SIZE];
	size_t i, n = 0;

	CHECK(json_is_array(list));
	json_array_foreach(list, i, v)
	{
		if (!user_id(json_object_get(v, "user"), id))
			continue;
		CHECK(n < ms->n && strcmp(ms->v[n].id, id) == 0);
		check_same(v, &ms->v[n++]);
	}
	CHECK(n == ms->n && (n != 0 || json_array_size(list) == 0));
	oracle_check_page(root, "memberships", page);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *body = oracle_copy(data, len);
	struct decode_page page;
	struct error err = {""};
	struct memberset ms;
	json_error_t e;
	json_t *root;
	size_t i;
	int r;

	memberset_init(&ms);
	r = decode_member_list(body, len, &ms, &page, &err);
	CHECK(r == 0 || (err.text[0] != '\0' && page.next[0] == '\0'));
	for (i = 0; r == 0 && i < ms.n; i++)
		check_member(&ms.v[i]);
	if (r == 0)
		check_encoding(&ms);
	root = oracle_load(body, len, &e);
	if (oracle_agrees(body, len, root, &e, r, &err))
		check_tree(root, &ms, &page);
	json_decref(root);
	memberset_free(&ms);
	free(body);
	return 0;
}
