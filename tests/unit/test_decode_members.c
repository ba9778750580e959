/* SPDX-License-Identifier: ISC */
/* Lists of memberships: who is in them, and all that is no such list. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/decode_fixture.h"

#define USER "\"user\":{\"id\":\"" U1 "\"}"
#define GOOD "{" USER "}"

static int
members(const char *body, size_t len, struct memberset *ms,
    struct decode_page *page, struct error *err)
{
	char *copy = exact(body, len);
	int r;

	memberset_init(ms);
	memset(page->next, 'x', LIMIT_URL);
	memset(err, 0, sizeof(*err));
	r = decode_member_list(copy, len, ms, page, err);
	memset(copy, 'x', len);
	free(copy);
	if (r == -1) {
		assert_string_equal(page->next, "");
		assert_string_not_equal(err->text, "");
	}
	return r;
}

static void
test_expanded(void **state)
{
	static const char body[] =
	    "{\"memberships\":[{\"id\":\"" U1 "\",\"href\":\"/m\","
	    "\"roles\":[\"admin\",\"owner\"],\"user\":{\"id\":\"" U2 "\","
	    "\"short_id\":\"f00d2f5e\",\"email\":\"Al.\\u0069ce@Example.com\","
	    "\"full_name\":\"A\",\"href\":\"/users/" U1 "\"},"
	    "\"project\":{\"href\":\"/projects/" U1 "\"}},"
	    "{\"user\":{\"email\":\"b@example.com\",\"href\":\"/metal/v1/"
	    "users/" U2 "\"},\"roles\":[]}],"
	    "\"meta\":{\"next\":{\"href\":\"/m?page=2\"},\"total\":2}}";
	struct decode_page page;
	struct memberset ms;
	struct error err;

	(void)state;
	assert_int_equal(members(body, strlen(body), &ms, &page, &err), 0);
	assert_string_equal(page.next, "/m?page=2");
	assert_int_equal(ms.n, 2);
	assert_string_equal(ms.v[0].id, U2_LOW);
	assert_string_equal(ms.v[0].short_id, "f00d2f5e");
	assert_string_equal(ms.v[0].email, "Al.ice@Example.com");
	assert_int_equal(ms.v[0].nroles, 2);
	assert_string_equal(ms.v[0].roles[0], "admin");
	assert_string_equal(ms.v[0].roles[1], "owner");
	assert_string_equal(ms.v[1].id, U2_LOW);
	assert_string_equal(ms.v[1].short_id, "");
	assert_string_equal(ms.v[1].email, "b@example.com");
	assert_int_equal(ms.v[1].nroles, 0);
	memberset_free(&ms);
}

/* The one membership of a list beside a plain one, or that it is left out. */
static struct member
one_member(const char *object, struct memberset *ms, size_t n)
{
	char body[40000];
	struct decode_page page;
	struct error err;
	int len;

	len = snprintf(
	    body, sizeof(body), "{\"memberships\":[%s," GOOD "]}", object);
	assert_in_range(len, 1, sizeof(body) - 1);
	if (members(body, (size_t)len, ms, &page, &err) == -1)
		fail_msg("%s: %s", object, err.text);
	if (ms->n != n)
		fail_msg("%s: %zu", object, ms->n);
	assert_string_equal(ms->v[n - 1].id, U1);
	assert_string_equal(ms->v[n - 1].email, "");
	return ms->v[0];
}

static void
test_left_out(void **state)
{
	static const char *const odd[] = {"null", "1", "\"x\"", "[]",
	    "[" GOOD "]", "{}", "{\"id\":\"" U1 "\"}", "{\"user\":null}",
	    "{\"user\":\"" U1 "\"}", "{\"user\":[{\"id\":\"" U1 "\"}]}",
	    "{\"user\":{}}", "{\"user\":{\"id\":null}}",
	    "{\"user\":{\"id\":\"alice\",\"email\":\"a@b\"}}",
	    "{\"user\":{\"id\":\"" U1 "0\"}}",
	    "{\"user\":{\"id\":{\"id\":\"" U1 "\"}}}",
	    "{\"user\":{\"href\":\"/users/1\"}}",
	    "{\"user\":{\"href\":\"/projects/" U1 "\"}}",
	    "{\"user\":{\"href\":\"" U1 "\"}}",
	    "{\"member\":{\"id\":\"" U1 "\"}}",
	    "{\"roles\":[\"admin\"],\"project\":{\"id\":\"" U1 "\"}}"};
	struct memberset ms;
	size_t i;

	(void)state;
	for (i = 0; i < N(odd); i++) {
		(void)one_member(odd[i], &ms, 1);
		memberset_free(&ms);
	}
}

static void
test_user_id(void **state)
{
	/* The object and the id that it gives. */
	static const char *const rows[][2] = {
	    {"{\"user\":{\"id\":\"" U2 "\"}}", U2_LOW},
	    {"{\"user\":{\"href\":\"/users/" U2 "\"}}", U2_LOW},
	    {"{\"user\":{\"href\":\"/users/" U1 "\",\"id\":\"" U2 "\"}}",
		U2_LOW},
	    {"{\"user\":{\"id\":null,\"href\":\"https://h/users/" U2 "\"}}",
		U2_LOW},
	    {"{\"user\":{\"id\":\"x\",\"href\":\"/users/" U2 "\"}}", U2_LOW}};
	struct memberset ms;
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		assert_string_equal(
		    one_member(rows[i][0], &ms, 2).id, rows[i][1]);
		memberset_free(&ms);
	}
}

/* A text of so many bytes as short id and e-mail. */
static void
check_text(size_t len, bool kept)
{
	char object[8192], text[LIMIT_TEXT + 2];
	struct memberset ms;
	struct member m;

	memset(text, 'a', len);
	text[len] = '\0';
	(void)snprintf(object, sizeof(object),
	    "{\"user\":{\"id\":\"" U2
	    "\",\"short_id\":\"%s\",\"email\":\"%s\"}}",
	    text, text);
	m = one_member(object, &ms, 2);
	assert_string_equal(m.short_id, kept ? text : "");
	assert_string_equal(m.email, kept ? text : "");
	memberset_free(&ms);
}

static void
test_texts(void **state)
{
	static const char *const none[] = {
	    "null", "1", "true", "\"\"", "[\"a@b\"]", "{\"email\":\"a@b\"}"};
	char object[512];
	struct memberset ms;
	struct member m;
	size_t i;

	(void)state;
	for (i = 0; i < N(none); i++) {
		(void)snprintf(object, sizeof(object),
		    "{\"user\":{\"id\":\"" U2
		    "\",\"short_id\":%s,\"email\":%s}}",
		    none[i], none[i]);
		m = one_member(object, &ms, 2);
		assert_string_equal(m.short_id, "");
		assert_string_equal(m.email, "");
		memberset_free(&ms);
	}
	check_text(LIMIT_TEXT, true);
	check_text(LIMIT_TEXT + 1, false);
	/* What is no text can't pass for another address. */
	m = one_member("{\"user\":{\"id\":\"" U2
		       "\",\"email\":\"a@b\\u0000.evil\"}}",
	    &ms, 2);
	assert_string_equal(m.email, "a@b?.evil");
	memberset_free(&ms);
}

static void
test_roles(void **state)
{
	static const char *const none[] = {"null", "\"admin\"", "1",
	    "{\"admin\":true}", "[]", "[null,1,true,[\"admin\"],{}]"};
	char object[1024];
	struct memberset ms;
	struct member m;
	size_t i;

	(void)state;
	for (i = 0; i < N(none); i++) {
		(void)snprintf(object, sizeof(object),
		    "{\"roles\":%s,\"user\":{\"id\":\"" U2 "\"}}", none[i]);
		m = one_member(object, &ms, 2);
		assert_int_equal(m.nroles, 0);
		memberset_free(&ms);
	}
	m = one_member("{\"roles\":[1,\"a\",null,\"\",\"b\"],"
		       "\"user\":{\"id\":\"" U2 "\"}}",
	    &ms, 2);
	assert_int_equal(m.nroles, 3);
	assert_string_equal(m.roles[0], "a");
	assert_string_equal(m.roles[1], "");
	assert_string_equal(m.roles[2], "b");
	memberset_free(&ms);
}

/* So many roles, the first of them of so many bytes. */
static void
check_roles(size_t len, size_t n, size_t kept)
{
	char object[4096], first[LIMIT_TEXT + 2];
	struct memberset ms;
	struct member m;
	size_t i, at;

	memset(first, 'a', len);
	first[len] = '\0';
	at = (size_t)snprintf(
	    object, sizeof(object), "{" USER ",\"roles\":[\"%s\"", first);
	for (i = 1; i < n; i++)
		at += (size_t)snprintf(object + at, sizeof(object) - at,
		    ",\"%c\"", (int)('A' + i));
	(void)snprintf(object + at, sizeof(object) - at, "]}");
	m = one_member(object, &ms, 2);
	assert_int_equal(m.nroles, kept);
	assert_string_equal(m.roles[0], len <= LIMIT_TEXT ? first : "B");
	memberset_free(&ms);
}

static void
test_role_limits(void **state)
{
	(void)state;
	check_roles(LIMIT_TEXT, 2, 2);
	check_roles(LIMIT_TEXT + 1, 2, 1);
	check_roles(1, LIMIT_ROLES, LIMIT_ROLES);
	check_roles(1, LIMIT_ROLES + 1, LIMIT_ROLES);
	/* One that is not kept takes no other's place. */
	check_roles(LIMIT_TEXT + 1, LIMIT_ROLES + 1, LIMIT_ROLES);
	check_roles(1, 26, LIMIT_ROLES);
}

static void
test_empty(void **state)
{
	static const char *const bodies[] = {"{\"memberships\":[]}",
	    "{\"meta\":{\"next\":null,\"total\":0},\"memberships\":[ ]}",
	    "{\"memberships\":[],\"error\":null,\"errors\":[],\"ssh_keys\":1}"};
	struct decode_page page;
	struct memberset ms;
	struct error err;
	size_t i;

	(void)state;
	for (i = 0; i < N(bodies); i++) {
		if (members(bodies[i], strlen(bodies[i]), &ms, &page, &err) ==
		    -1)
			fail_msg("%s: %s", bodies[i], err.text);
		assert_int_equal(ms.n, 0);
		assert_string_equal(page.next, "");
		memberset_free(&ms);
	}
}

/* Not one of these may be taken for a list, least of all an empty one. */
static const char *const no_lists[][2] = {
    {"", "empty"},
    {"{}", "answer has no memberships"},
    {"[" GOOD "]", "no JSON object"},
    {"<html>", "HTML"},
    {"{\"ssh_keys\":[]}", "answer has no memberships"},
    {"{\"x\":{\"memberships\":[]}}", "answer has no memberships"},
    {"{\"memberships\":null}", "answer's memberships is no list"},
    {"{\"memberships\":" GOOD "}", "answer's memberships is no list"},
    {"{\"memberships\":\"none\"}", "answer's memberships is no list"},
    {"{\"memberships\":[{}]}",
	"answer is no list of members: none of its 1 elements is a "
	"membership with a user"},
    {"{\"memberships\":[null,{\"user\":{\"id\":\"1\"}},7]}",
	"none of its 3 elements"},
    {"{\"memberships\":[{\"key\":\"ssh-ed25519 AAAA\"}]}", "none of its"},
    /* Members that count, twice. */
    {"{\"memberships\":[" GOOD "],\"memberships\":[]}", "memberships twice"},
    {"{\"memberships\":[{" USER "," USER "}]}", "user twice"},
    {"{\"memberships\":[{" USER ",\"us\\u0065r\":null}]}", "user twice"},
    {"{\"memberships\":[" GOOD ",{\"roles\":[],\"roles\":[\"owner\"]}]}",
	"roles twice"},
    {"{\"memberships\":[{\"user\":{\"id\":\"" U1 "\",\"id\":\"" U2 "\"}}]}",
	"id twice"},
    {"{\"memberships\":[{\"user\":{\"email\":\"a\",\"id\":\"" U1
     "\",\"email\":\"b\"}}]}",
	"email twice"},
    {"{\"memberships\":[{\"user\":{\"short_id\":\"a\",\"short_id\":\"b\"}}]}",
	"short_id twice"},
    {"{\"memberships\":[{\"user\":{\"href\":\"a\",\"href\":\"b\"}}]}",
	"href twice"},
    {"{\"memberships\":[],\"meta\":{},\"meta\":{}}", "meta twice"},
    /* What hides a page. */
    {"{\"memberships\":[],\"meta\":[]}", "meta is no object"},
    {"{\"memberships\":[],\"meta\":{\"next\":\"/p2\"}}", "next is no object"},
    {"{\"memberships\":[],\"meta\":{\"next\":{\"href\":2}}}", "no address"},
    /* An error with the look of an answer. */
    {"{\"memberships\":[" GOOD "],\"error\":\"backend\"}", "an error"},
    {"{\"errors\":[\"x\"],\"memberships\":[]}", "an error"},
    /* Broken JSON around and in it. */
    {"{\"memberships\":[" GOOD "]", "cut short"},
    {"{\"memberships\":[" GOOD "]} x", "behind the end"},
    {"{\"memberships\":[" GOOD ",]}", "value expected"},
    {"{\"memberships\":[{" USER ",\"roles\":[\"a\" \"b\"]}]}", "comma"},
    {"{\"memberships\":[{" USER ",\"roles\":{]}]}", "name expected"},
    {"{\"memberships\":[{\"user\":{\"id\":\"" U1 "\",}}]}", "name expected"},
    {"{\"memberships\":[{\"user\":{\"email\":\"\xff\"}}]}", "no UTF-8"},
};

static void
test_no_list(void **state)
{
	struct decode_page page;
	struct memberset ms;
	struct error err;
	size_t i;

	(void)state;
	for (i = 0; i < N(no_lists); i++) {
		if (members(no_lists[i][0], strlen(no_lists[i][0]), &ms, &page,
			&err) == 0)
			fail_msg("%s: taken", no_lists[i][0]);
		if (strstr(err.text, no_lists[i][1]) == NULL)
			fail_msg("%s: %s", no_lists[i][0], err.text);
		memberset_free(&ms);
	}
}

/* No part of an answer is an answer. */
static void
test_cut_anywhere(void **state)
{
	static const char body[] =
	    "{\"memberships\":[{\"roles\":[\"admin\",1],\"user\":{\"id\":\"" U1
	    "\",\"email\":\"\\u00e9\",\"short_id\":null,"
	    "\"href\":\"/users/" U1 "\"}}],\"meta\":{\"next\":null}}";
	struct decode_page page;
	struct memberset ms;
	struct error err;
	size_t len;

	(void)state;
	for (len = 0; len < strlen(body); len++) {
		assert_int_equal(members(body, len, &ms, &page, &err), -1);
		memberset_free(&ms);
	}
	assert_int_equal(members(body, len, &ms, &page, &err), 0);
	memberset_free(&ms);
}

/* A page after others may hold nothing but a membership that is left out. */
static void
test_pages_append(void **state)
{
	static const char odd[] = "{\"memberships\":[{\"user\":null}]}",
			  good[] = "{\"memberships\":[" GOOD "]}";
	struct decode_page page;
	struct memberset ms;
	struct error err;

	(void)state;
	memberset_init(&ms);
	assert_int_equal(
	    decode_member_list(odd, strlen(odd), &ms, &page, &err), -1);
	assert_int_equal(
	    decode_member_list(good, strlen(good), &ms, &page, &err), 0);
	assert_int_equal(
	    decode_member_list(odd, strlen(odd), &ms, &page, &err), 0);
	assert_int_equal(
	    decode_member_list(good, strlen(good), &ms, &page, &err), 0);
	assert_int_equal(ms.n, 2);
	memberset_free(&ms);
}

static void
test_too_many(void **state)
{
	static const char unit[] = GOOD ",",
			  more[] = "{\"memberships\":[" GOOD "]}",
			  odd[] = "{\"memberships\":[{}]}";
	size_t i, n = LIMIT_MEMBERS + 1, at, last = sizeof(unit) - 1;
	char *body = malloc(n * sizeof(unit) + 32);
	struct decode_page page;
	struct memberset ms;
	struct error err;

	(void)state;
	assert_non_null(body);
	at = (size_t)sprintf(body, "{\"memberships\":[");
	for (i = 0; i < n; i++, at += last)
		memcpy(body + at, unit, last);
	memcpy(body + at - 1, "]}", 2);
	assert_int_equal(members(body, at + 1, &ms, &page, &err), -1);
	assert_string_equal(err.text, "answer holds more than 100000 members");
	memberset_free(&ms);
	/* One less is fine, and nothing more may follow it. */
	memcpy(body + at - last - 1, "]}", 2);
	assert_int_equal(members(body, at - last + 1, &ms, &page, &err), 0);
	assert_int_equal(ms.n, LIMIT_MEMBERS);
	assert_int_equal(
	    decode_member_list(odd, strlen(odd), &ms, &page, &err), 0);
	assert_int_equal(
	    decode_member_list(more, strlen(more), &ms, &page, &err), -1);
	memberset_free(&ms);
	free(body);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_expanded),
	    cmocka_unit_test(test_left_out),
	    cmocka_unit_test(test_user_id),
	    cmocka_unit_test(test_texts),
	    cmocka_unit_test(test_roles),
	    cmocka_unit_test(test_role_limits),
	    cmocka_unit_test(test_empty),
	    cmocka_unit_test(test_no_list),
	    cmocka_unit_test(test_cut_anywhere),
	    cmocka_unit_test(test_pages_append),
	    cmocka_unit_test(test_too_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
